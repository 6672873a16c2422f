#include "outbox/move.h"

#include "base/format.h"

namespace pawprint::outbox {
namespace {

constexpr std::string_view kUpdate =
    "UPDATE queue SET state = ?2, reason = ?3, attempts = attempts + ?4, settled_at = ?5 WHERE id = ?1";

struct Placed {
  RowState state = RowState::pending;
  std::string reason;
  RowClass rows;
};

Result<Placed> find_row(Database& database, std::int64_t id) {
  PAW_TRY(query, database.statement("SELECT state, reason, link_id, project_uuid FROM queue WHERE id = ?1"));
  PAW_TRY(row, query->bind(1, id).step());
  if (!row) {
    return fail(ErrorKind::failed, fmt::format("cannot settle row {}: the queue has no such row", id),
                "pawprint sync status");
  }
  PAW_TRY(state, state_of_row(database, id, query->view(0)));
  const auto link_id = query->is_null(2) ? std::nullopt : std::optional(query->integer(2));
  return Placed{state, query->text(1), class_of(link_id, query->text(3))};
}

void count(CounterChanges& changes, const RowClass& rows, RowState state, const std::string& reason,
           std::int64_t by) {
  if (state == RowState::pending) changes.add_pending(rows, by);
  if (state == RowState::pending && !reason.empty()) changes.add_again(rows.link_id, by);
  if (state == RowState::parked) changes.add_parked(reason, by);
  if (state == RowState::sent) changes.add_sent(by);
}

}  // namespace

Result<RowState> state_of_row(Database& database, std::int64_t id, std::string_view name) {
  if (const auto state = state_named(name)) return *state;
  database.note_damage();
  return fail(ErrorKind::io, fmt::format("cannot use row {} of the queue: its state is damaged", id),
              "pawprint doctor");
}

Result<bool> move_row(Database& database, const Settlement& settlement, std::int64_t now_ms,
                      CounterChanges& changes) {
  PAW_TRY(placed, find_row(database, settlement.id));
  if (placed.state == settlement.to) return false;
  const bool other_link =
      settlement.link_id && placed.rows.link_id != kNoLink && placed.rows.link_id != *settlement.link_id;
  if (other_link) return false;
  if (!may_move(placed.state, settlement.to)) {
    return fail(ErrorKind::failed, fmt::format("cannot settle row {}: it is {} and cannot become {}",
                                               settlement.id, name_of(placed.state), name_of(settlement.to)));
  }
  const bool parked = settlement.to == RowState::parked;
  const bool sent = settlement.to == RowState::sent;
  PAW_TRY(update, database.statement(kUpdate));
  update->bind(1, settlement.id).bind(2, name_of(settlement.to));
  const bool again = placed.state == RowState::sent && settlement.to == RowState::pending;
  update->bind(3, parked || again ? std::optional(settlement.reason) : std::nullopt);
  update->bind(4, std::int64_t{parked ? 1 : 0}).bind(5, sent ? std::optional(now_ms) : std::nullopt);
  PAW_TRY(updated, update->run());
  count(changes, placed.rows, placed.state, placed.reason, -1);
  count(changes, placed.rows, settlement.to, settlement.reason, 1);
  return true;
}

}  // namespace pawprint::outbox
