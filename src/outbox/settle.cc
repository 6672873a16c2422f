#include <algorithm>

#include "base/failpoint.h"
#include "outbox/move.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kRowsPerTransaction = 256;
constexpr std::int64_t kForgottenPerTransaction = 512;  // more than can be settled, so that it catches up
constexpr std::int64_t kKeepSentMs = 72LL * 60 * 60 * 1000;
constexpr std::int64_t kKeepSentRows = 20'000;

constexpr std::string_view kChangeMeta =
    "INSERT INTO meta(key, value) VALUES(?1, ?2) ON CONFLICT(key, scope) DO UPDATE SET value = value + "
    "excluded.value";
constexpr std::string_view kForgetAged =
    "DELETE FROM queue WHERE id IN (SELECT id FROM queue WHERE state = 'sent' AND settled_at < ?1 "
    "ORDER BY settled_at LIMIT ?2)";
constexpr std::string_view kForgetOldest =
    "DELETE FROM queue WHERE id IN (SELECT id FROM queue WHERE state = 'sent' ORDER BY settled_at LIMIT ?1)";

Result<std::int64_t> sent_rows(Database& database) {
  PAW_TRY(query, database.statement("SELECT value FROM meta WHERE key = 'sent_rows'"));
  PAW_TRY(row, query->step());
  return row ? query->integer(0) : 0;
}

Result<void> change_sent_rows(Database& database, std::int64_t by) {
  if (by == 0) return {};
  PAW_TRY(change, database.statement(kChangeMeta));
  return change->bind(1, "sent_rows").bind(2, by).run();
}

// Sent rows are kept so that a hub that comes back from a backup can be given the day again, but not for
// ever.
Result<void> forget_old_rows(Database& database, std::int64_t now_ms) {
  PAW_TRY(aged, database.statement(kForgetAged));
  PAW_TRY(aged_gone, aged->bind(1, now_ms - kKeepSentMs).bind(2, kForgottenPerTransaction).run());
  const std::int64_t aged_rows = database.changes();
  PAW_TRY(kept, sent_rows(database));
  const std::int64_t surplus = std::min(kept - aged_rows - kKeepSentRows, kForgottenPerTransaction);
  if (surplus <= 0) return change_sent_rows(database, -aged_rows);
  PAW_TRY(oldest, database.statement(kForgetOldest));
  PAW_TRY(oldest_gone, oldest->bind(1, surplus).run());
  return change_sent_rows(database, -aged_rows - database.changes());
}

Result<void> note_delivery(Database& database, std::int64_t rows, std::int64_t now_ms) {
  PAW_TRY(note, database.statement("INSERT INTO meta(key, value) VALUES('last_delivery_ms', ?1) "
                                   "ON CONFLICT(key, scope) DO UPDATE SET value = excluded.value"));
  PAW_TRY(noted, note->bind(1, now_ms).run());
  return change_sent_rows(database, rows);
}

Result<void> settle_some(Database& database, std::span<const Settlement> settlements, std::int64_t now_ms) {
  CounterChanges changes;
  std::int64_t sent = 0;
  for (const Settlement& settlement : settlements) {
    PAW_TRY(moved, move_row(database, settlement, now_ms, changes));
    if (moved && settlement.to == RowState::sent) ++sent;
  }
  PAW_TRY(counted, changes.write(database));
  if (sent == 0) return {};
  PAW_TRY(noted, note_delivery(database, sent, now_ms));
  return forget_old_rows(database, now_ms);
}

}  // namespace

Result<void> Outbox::settle(std::span<const Settlement> settlements) {
  while (!settlements.empty()) {
    const auto some = settlements.first(std::min(settlements.size(), kRowsPerTransaction));
    const std::int64_t now_ms = environment_->clock->unix_ms();
    const auto write = [&]() -> Result<void> {
      PAW_TRY(settled, settle_some(database_, some, now_ms));
      failpoint("settle-before-commit");
      return {};
    };
    PAW_TRY(written, mending([&] { return database_.write(Durability::power, write); }));
    failpoint("settle-committed");
    settlements = settlements.subspan(some.size());
  }
  return {};
}

}  // namespace pawprint::outbox
