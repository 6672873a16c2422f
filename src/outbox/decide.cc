// What a person decides about parked rows.
#include "base/format.h"
#include "outbox/move.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {
namespace {

constexpr std::int64_t kRowsPerTransaction = 256;

Result<std::int64_t> parked_row(Database& database, std::string_view event_id, std::string_view decision) {
  PAW_TRY(query, database.statement("SELECT id, state FROM queue WHERE event_id = ?1"));
  PAW_TRY(there, query->bind(1, event_id).step());
  if (!there) {
    return fail(ErrorKind::failed,
                fmt::format("cannot {} event {}: the queue does not have it", decision, event_id),
                "pawprint sync list");
  }
  if (query->view(1) == name_of(RowState::parked)) return query->integer(0);
  return fail(ErrorKind::failed,
              fmt::format("cannot {} event {}: it is {}, not parked", decision, event_id, query->view(1)),
              "pawprint sync list --state parked");
}

Result<std::vector<std::int64_t>> parked_rows(Database& database, std::int64_t after_id) {
  PAW_TRY(query,
          database.statement("SELECT id FROM queue WHERE state = 'parked' AND id > ?1 ORDER BY id LIMIT ?2"));
  query->bind(1, after_id).bind(2, kRowsPerTransaction);
  std::vector<std::int64_t> ids;
  for (;;) {
    PAW_TRY(there, query->step());
    if (!there) return ids;
    ids.push_back(query->integer(0));
  }
}

Result<void> move_rows(Database& database, const std::vector<std::int64_t>& ids, RowState to,
                       std::int64_t now_ms) {
  CounterChanges changes;
  for (const std::int64_t id : ids) {
    PAW_TRY(moved, move_row(database, {id, to, {}}, now_ms, changes));
  }
  return changes.write(database);
}

}  // namespace

Result<void> Outbox::retry(std::string_view event_id) {
  return database_.write(Durability::power, [&]() -> Result<void> {
    PAW_TRY(id, parked_row(database_, event_id, "retry"));
    return move_rows(database_, {id}, RowState::pending, environment_->clock->unix_ms());
  });
}

Result<std::uint64_t> Outbox::retry_all() {
  std::uint64_t retried = 0;
  std::vector<std::int64_t> ids{0};
  while (!ids.empty()) {
    PAW_TRY(written, database_.write(Durability::power, [&]() -> Result<void> {
      PAW_TRY(next, parked_rows(database_, ids.back()));
      ids = std::move(next);
      return move_rows(database_, ids, RowState::pending, environment_->clock->unix_ms());
    }));
    retried += ids.size();
  }
  return retried;
}

Result<void> Outbox::discard(std::string_view event_id) {
  return database_.write(Durability::power, [&]() -> Result<void> {
    PAW_TRY(id, parked_row(database_, event_id, "discard"));
    return move_rows(database_, {id}, RowState::discarded, environment_->clock->unix_ms());
  });
}

}  // namespace pawprint::outbox
