#include "outbox/decide.h"

#include "base/format.h"
#include "outbox/move.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {
namespace {

constexpr std::int64_t kRowsPerTransaction = 256;

std::unexpected<Error> not_there(std::string_view decision, std::string_view event_id) {
  return fail(ErrorKind::failed,
              fmt::format("cannot {} event {}: the queue does not have it", decision, event_id),
              "pawprint sync list");
}

Result<std::int64_t> parked_row(Database& database, std::string_view event_id) {
  PAW_TRY(query, database.statement("SELECT id, state FROM queue WHERE event_id = ?1"));
  PAW_TRY(there, query->bind(1, event_id).step());
  if (!there) return not_there("retry", event_id);
  PAW_TRY(state, state_of_row(database, query->integer(0), query->view(1)));
  if (state == RowState::parked) return query->integer(0);
  return fail(ErrorKind::failed,
              fmt::format("cannot retry event {}: it is {}, not parked", event_id, query->view(1)),
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

bool may_be_given_up(const QueuedRow& row) {
  return row.state == RowState::parked ||
         (row.state == RowState::pending && (!row.destination || row.link_ended));
}

Result<void> check_may_be_given_up(std::string_view event_id, const std::optional<QueuedRow>& row) {
  if (!row) return not_there("discard", event_id);
  if (may_be_given_up(*row)) return {};
  const std::string why = row->state == RowState::pending
                              ? fmt::format("it is to go to {} at {}, and no hub has refused it",
                                            row->destination->team_slug, row->destination->origin)
                              : fmt::format("it is {} already", name_of(row->state));
  return fail(ErrorKind::failed, fmt::format("cannot discard event {}: {}", event_id, why),
              fmt::format("pawprint sync show {}", event_id));
}

Result<void> Outbox::retry(std::string_view event_id) {
  const auto move = [&]() -> Result<void> {
    PAW_TRY(id, parked_row(database_, event_id));
    return move_rows(database_, {id}, RowState::pending, environment_->clock->unix_ms());
  };
  return mending([&] { return database_.write(Durability::power, move); });
}

Result<std::uint64_t> Outbox::retry_all() {
  std::uint64_t retried = 0;
  std::vector<std::int64_t> ids{0};
  while (!ids.empty()) {
    std::vector<std::int64_t> next;
    const auto move = [&]() -> Result<void> {
      PAW_TRY(parked, parked_rows(database_, ids.back()));
      next = std::move(parked);
      return move_rows(database_, next, RowState::pending, environment_->clock->unix_ms());
    };
    PAW_TRY(written, mending([&] { return database_.write(Durability::power, move); }));
    ids = std::move(next);
    retried += ids.size();
  }
  return retried;
}

Result<void> Outbox::discard(std::string_view event_id) {
  const auto give_up = [&]() -> Result<void> {
    PAW_TRY(row, this->row(event_id));
    PAW_TRY(allowed, check_may_be_given_up(event_id, row));
    return move_rows(database_, {row->id}, RowState::discarded, environment_->clock->unix_ms());
  };
  return mending([&] { return database_.write(Durability::power, give_up); });
}

}  // namespace pawprint::outbox
