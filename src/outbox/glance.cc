// What an emission asks of the queue before it writes.
#include <algorithm>
#include <utility>

#include "outbox/link_rows.h"
#include "outbox/outbox.h"
#include "outbox/standing.h"

namespace pawprint::outbox {
namespace {

Result<std::vector<std::string>> find_known_ids(Database& database, std::span<const std::string> event_ids) {
  std::vector<std::string> known;
  if (event_ids.empty()) return known;
  PAW_TRY(query, database.statement(
                     "SELECT 1 FROM queue WHERE event_id = ?1 AND state NOT IN ('discarded', 'dropped')"));
  for (const std::string& event_id : event_ids) {
    PAW_TRY(row, query->bind(1, event_id).step());
    if (row) known.push_back(event_id);
    query->reset();
  }
  return known;
}

constexpr std::string_view kIsTold = "SELECT 1 FROM meta WHERE key = 'copy_told' AND scope = ?1";
constexpr std::string_view kTell =
    "INSERT INTO meta(key, scope, value) VALUES('copy_told', ?1, 1) ON CONFLICT(key, scope) DO NOTHING";

// How many rows each class takes that has had one.
Rooms rooms_in(const Standing& standing, std::uint64_t queue_limit) {
  Rooms rooms;
  for (const auto& [link_id, pending] : standing.pending)
    rooms.emplace(link_id, queue_limit == kNoLimit ? kNoLimit : queue_limit - std::min(queue_limit, pending));
  return rooms;
}

}  // namespace

Result<void> Outbox::look_at_links(std::string_view project_uuid, std::string_view repo_instance,
                                   std::int64_t changes) {
  const KnownLink& known = known_link_;
  if (known.database == database_.number() && known.changes == changes &&
      known.project_uuid == project_uuid && known.repo_instance == repo_instance) {
    return {};
  }
  KnownLink found{database_.number(),         changes, std::string(project_uuid),
                  std::string(repo_instance), {},      false};
  PAW_TRY(link, find_active_link(database_, project_uuid, repo_instance));
  found.link = std::move(link);
  if (!found.link) {
    PAW_TRY(elsewhere, is_linked_elsewhere(database_, project_uuid, repo_instance));
    if (elsewhere) {
      PAW_TRY(query, database_.statement(kIsTold));
      PAW_TRY(told, query->bind(1, repo_instance).step());
      found.linked_elsewhere = !told;
    }
  }
  known_link_ = std::move(found);
  return {};
}

Result<Outbox::Left> Outbox::find_left(std::uint64_t queue_limit) {
  auto left = std::exchange(left_, std::nullopt);
  if (left && left->database == database_.number() && left->version == database_.version() &&
      left->queue_limit == queue_limit) {
    return *std::move(left);
  }
  PAW_TRY(standing, read_standing(database_));
  return Left{database_.number(), 0, queue_limit, standing.values, rooms_in(standing, queue_limit)};
}

Result<Outbox::Glance> Outbox::look(const Question& question, const SingleValues& values) {
  Glance glance;
  glance.high_water = values.high_water;
  if (question.project_uuid) {
    PAW_TRY(looked, look_at_links(*question.project_uuid, question.repo_instance, values.link_changes));
    glance.link = known_link_.link;
    glance.linked_elsewhere = known_link_.linked_elsewhere;
  }
  PAW_TRY(known, find_known_ids(database_, question.event_ids));
  glance.known_ids = std::move(known);
  return glance;
}

Result<void> Outbox::note_told(std::string_view repo_instance) {
  PAW_TRY(tell, database_.statement(kTell));
  return tell->bind(1, repo_instance).run();
}

Result<Outbox::Glance> Outbox::glance(const Question& question) {
  return mending([&]() -> Result<Glance> {
    // The single values first: links that change behind them are asked for again by the next emission.
    PAW_TRY(standing, read_standing(database_));
    return look(question, standing.values);
  });
}

Result<std::vector<std::string>> Outbox::known_ids(std::span<const std::string> event_ids) {
  return mending([&] { return find_known_ids(database_, event_ids); });
}

Result<std::uint64_t> Outbox::high_water() {
  return mending([&]() -> Result<std::uint64_t> {
    PAW_TRY(standing, read_standing(database_));
    return standing.values.high_water;
  });
}

}  // namespace pawprint::outbox
