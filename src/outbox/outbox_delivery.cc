#include "base/format.h"
#include "outbox/outbox.h"
#include "outbox/write_guard.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kRowsPerTransaction = 256;
constexpr std::int64_t kKeepSentMs = 72LL * 60 * 60 * 1000;
constexpr std::int64_t kKeepSentRows = 20'000;

std::optional<RowState> state_of(std::string_view name) {
  for (const RowState state : {RowState::intent, RowState::pending, RowState::sent, RowState::parked,
                               RowState::discarded, RowState::dropped}) {
    if (name_of(state) == name) return state;
  }
  return std::nullopt;
}

struct Placed {
  RowState state = RowState::pending;
  std::int64_t link_id = kNoLink;
};

Result<Placed> find_row(sqlite::Connection& connection, std::int64_t id) {
  PAW_TRY(query, connection.prepare("SELECT state, coalesce(link_id, 0) FROM queue WHERE id = ?1"));
  PAW_TRY(row, query.bind(1, id).step());
  if (!row)
    return fail(ErrorKind::failed, fmt::format("the queue has no row {}", id), "pawprint sync status");
  const auto state = state_of(query.view(0));
  if (!state) return fail(ErrorKind::io, fmt::format("row {} of the queue has no known state", id));
  return Placed{*state, query.integer(1)};
}

Result<void> move_row(sqlite::Connection& connection, const Settlement& settlement, std::int64_t now_ms) {
  PAW_TRY(placed, find_row(connection, settlement.id));
  if (placed.state == settlement.to) return {};
  if (!may_move(placed.state, settlement.to)) {
    return fail(ErrorKind::failed, fmt::format("row {} of the queue is {} and cannot become {}",
                                               settlement.id, name_of(placed.state), name_of(settlement.to)));
  }
  PAW_TRY(update, connection.prepare("UPDATE queue SET state = ?2, reason = ?3, attempts = attempts + ?4, "
                                     "settled_at = ?5 WHERE id = ?1"));
  const bool parked = settlement.to == RowState::parked;
  const bool sent = settlement.to == RowState::sent;
  update.bind(1, settlement.id).bind(2, name_of(settlement.to));
  update.bind(3, parked ? std::optional(settlement.reason) : std::nullopt)
      .bind(4, std::int64_t{parked ? 1 : 0});
  update.bind(5, sent ? std::optional(now_ms) : std::nullopt);
  PAW_TRY(updated, update.run());
  PAW_TRY(fewer, add_to_counter(connection, placed.link_id, placed.state, -1));
  return add_to_counter(connection, placed.link_id, settlement.to, 1);
}

Result<void> forget(sqlite::Connection& connection, std::string_view which, std::int64_t parameter) {
  PAW_TRY(count,
          connection.prepare(fmt::format("UPDATE counters SET sent = sent - (SELECT count(*) FROM queue q "
                                         "WHERE coalesce(q.link_id, 0) = counters.link_id AND q.id IN ({}))",
                                         which)));
  PAW_TRY(counted, count.bind(1, parameter).run());
  PAW_TRY(remove, connection.prepare(fmt::format("DELETE FROM queue WHERE id IN ({})", which)));
  return remove.bind(1, parameter).run();
}

// Sent rows are kept so that a hub that comes back from a backup can be given the day again, but not for
// ever.
Result<void> forget_old_rows(sqlite::Connection& connection, std::int64_t now_ms) {
  constexpr std::string_view kOld = "SELECT id FROM queue WHERE state = 'sent' AND settled_at < ?1";
  constexpr std::string_view kSurplus =
      "SELECT id FROM queue WHERE state = 'sent' ORDER BY settled_at LIMIT ?1";
  PAW_TRY(oldest, connection.prepare("SELECT min(settled_at) FROM queue WHERE state = 'sent'"));
  PAW_TRY(any, oldest.step());
  if (any && !oldest.is_null(0) && oldest.integer(0) < now_ms - kKeepSentMs) {
    PAW_TRY(aged, forget(connection, kOld, now_ms - kKeepSentMs));
  }
  PAW_TRY(total, connection.prepare("SELECT coalesce(sum(sent), 0) FROM counters"));
  PAW_TRY(row, total.step());
  const std::int64_t surplus = total.integer(0) - kKeepSentRows;
  if (row && surplus > 0) return forget(connection, kSurplus, surplus);
  return {};
}

Result<void> note_delivery(sqlite::Connection& connection, std::int64_t now_ms) {
  PAW_TRY(note, connection.prepare("INSERT INTO meta(key, value) VALUES('last_delivery_ms', ?1) "
                                   "ON CONFLICT(key) DO UPDATE SET value = excluded.value"));
  return note.bind(1, now_ms).run();
}

}  // namespace

Result<std::vector<SendableRow>> Outbox::sendable(const Link& link, std::size_t max_rows,
                                                  std::uint64_t max_bytes) {
  PAW_TRY(query, connection_.prepare("SELECT id, event_id, lamport, link_id, data FROM sendable "
                                     "WHERE link_id = ?1 ORDER BY lamport, event_id LIMIT ?2"));
  query.bind(1, link.link_id).bind(2, static_cast<std::int64_t>(max_rows));
  std::vector<SendableRow> rows;
  std::uint64_t bytes = 0;
  for (;;) {
    PAW_TRY(row, query.step());
    if (!row) return rows;
    bytes += query.view(4).size();
    if (bytes > max_bytes && !rows.empty()) return rows;
    rows.push_back({query.integer(0), query.text(1), static_cast<std::uint64_t>(query.integer(2)),
                    query.integer(3), query.text(4)});
  }
}

Result<void> Outbox::settle(std::span<const Settlement> settlements) {
  PAW_TRY(durable, set_durability(Durability::power));
  while (!settlements.empty()) {
    const auto chunk = settlements.first(std::min(settlements.size(), kRowsPerTransaction));
    const std::int64_t now_ms = environment_->clock->unix_ms();
    PAW_TRY(written, write_under_lock(home_, connection_, [&]() -> Result<void> {
              for (const Settlement& settlement : chunk) {
                PAW_TRY(moved, move_row(connection_, settlement, now_ms));
              }
              PAW_TRY(noted, note_delivery(connection_, now_ms));
              return forget_old_rows(connection_, now_ms);
            }));
    settlements = settlements.subspan(chunk.size());
  }
  return {};
}

Result<Outbox::Snapshot> Outbox::snapshot(std::span<const SessionKey> sessions) {
  Snapshot snapshot;
  PAW_TRY(totals, connection_.prepare("SELECT coalesce(sum(pending) FILTER (WHERE link_id <> 0), 0), "
                                      "coalesce(sum(pending) FILTER (WHERE link_id = 0), 0) FROM counters"));
  PAW_TRY(counted, totals.step());
  snapshot.pending = static_cast<std::uint64_t>(totals.integer(0));
  snapshot.unlinked = static_cast<std::uint64_t>(totals.integer(1));
  PAW_TRY(parked,
          connection_.prepare("SELECT reason, count(*) FROM queue WHERE state = 'parked' GROUP BY reason"));
  for (;;) {
    PAW_TRY(row, parked.step());
    if (!row) break;
    snapshot.parked.push_back({parked.text(0), static_cast<std::uint64_t>(parked.integer(1))});
  }
  PAW_TRY(oldest, connection_.prepare("SELECT min(queued_at) FROM queue WHERE state = 'pending'"));
  PAW_TRY(any, oldest.step());
  if (any && !oldest.is_null(0)) snapshot.oldest_queued_at_ms = oldest.integer(0);
  PAW_TRY(delivered, connection_.prepare("SELECT value FROM meta WHERE key = 'last_delivery_ms'"));
  PAW_TRY(known, delivered.step());
  if (known) snapshot.last_delivery_ms = delivered.integer(0);
  PAW_TRY(links, deliverable_links(sessions));
  PAW_TRY(pending, connection_.prepare("SELECT pending FROM counters WHERE link_id = ?1"));
  for (const Link& link : links) {
    PAW_TRY(row, pending.bind(1, link.link_id).step());
    if (row) snapshot.sendable += static_cast<std::uint64_t>(pending.integer(0));
    pending.reset();
  }
  return snapshot;
}

}  // namespace pawprint::outbox
