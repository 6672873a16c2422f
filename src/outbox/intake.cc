#include "outbox/intake.h"

#include <algorithm>

namespace pawprint::outbox {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO queue(event_id, lamport, link_id, project_uuid, state, queued_at, data, repo_instance) "
    "VALUES(?1, ?2, ?3, ?4, 'pending', ?5, ?6, ?7) ON CONFLICT(event_id) DO NOTHING";
constexpr std::string_view kForgetGivenUp =
    "DELETE FROM queue WHERE event_id = ?1 AND state IN ('discarded', 'dropped')";

}  // namespace

Result<std::uint64_t*> Intake::room_of(std::optional<std::int64_t> link_id) {
  const std::int64_t link = link_id.value_or(kNoLink);
  if (const auto known = room_.find(link); known != room_.end()) return &known->second;
  std::uint64_t room = queue_limit_;
  if (queue_limit_ != kNoLimit) {
    PAW_TRY(pending, pending_of_link(database_, link));
    room -= std::min(room, pending);
  }
  return &room_.emplace(link, room).first->second;
}

Result<bool> Intake::insert(const NewRow& row) {
  PAW_TRY(insert, database_.statement(kInsert));
  sqlite::BorrowedBindings values(*insert);
  values.bind(1, row.event_id).bind(2, static_cast<std::int64_t>(row.lamport));
  if (row.link_id) values.bind(3, *row.link_id);  // else NULL, as all that is not bound
  values.bind(4, row.project_uuid)
      .bind(5, std::min(row.emitted_ms.value_or(now_ms_), now_ms_))
      .bind(6, row.data)
      .bind(7, row.repo_instance);
  PAW_TRY(inserted, values.run());
  return database_.changes() > 0;
}

Result<Intake::Outcome> Intake::take(const NewRow& row) {
  PAW_TRY(room, room_of(row.link_id));
  if (*room == 0) {
    PAW_TRY(known, has_row(database_, row.event_id));
    return known ? Outcome::known : Outcome::no_room;
  }
  PAW_TRY(inserted, insert(row));
  if (!inserted) {
    PAW_TRY(forget, database_.statement(kForgetGivenUp));
    PAW_TRY(forgotten, forget->bind(1, row.event_id).run());
    if (database_.changes() == 0) return Outcome::known;
    PAW_TRY(inserted_again, insert(row));
  }
  --*room;
  changes_.add_pending(class_of(row.link_id, row.project_uuid), 1);
  highest_ = std::max(highest_, row.lamport);
  return Outcome::taken;
}

Result<bool> Intake::room_for(std::span<const NewRow> rows) {
  std::map<std::optional<std::int64_t>, std::uint64_t> wanted;
  for (const NewRow& row : rows) ++wanted[row.link_id];
  for (const auto& [link_id, count] : wanted) {
    PAW_TRY(room, room_of(link_id));
    if (*room < count) return false;
  }
  return true;
}

Result<void> Intake::finish() {
  return changes_.write(database_, highest_);
}

Result<bool> has_row(Database& database, std::string_view event_id) {
  PAW_TRY(query, database.statement(
                     "SELECT 1 FROM queue WHERE event_id = ?1 AND state NOT IN ('discarded', 'dropped')"));
  return query->bind(1, event_id).step();
}

}  // namespace pawprint::outbox
