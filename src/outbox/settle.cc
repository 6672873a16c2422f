#include <algorithm>
#include <map>

#include "base/failpoint.h"
#include "outbox/move.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kRowsPerTransaction = 256;
constexpr std::int64_t kForgottenPerTransaction = 512;  // more than can be settled, so that it catches up
constexpr std::int64_t kKeepSentRows = 20'000;

constexpr std::string_view kForgetAged =
    "DELETE FROM queue WHERE id IN (SELECT id FROM queue WHERE state = 'sent' AND settled_at < ?1 "
    "ORDER BY settled_at LIMIT ?2) RETURNING link_id, settled_at";
constexpr std::string_view kForgetOldest =
    "DELETE FROM queue WHERE id IN (SELECT id FROM queue WHERE state = 'sent' ORDER BY settled_at LIMIT ?1) "
    "RETURNING link_id, settled_at";

Result<std::int64_t> sent_rows(Database& database) {
  PAW_TRY(query, database.statement("SELECT value FROM meta WHERE key = 'sent_rows'"));
  PAW_TRY(row, query->step());
  return row ? query->integer(0) : 0;
}

// Of a link, what can no longer be sent again.
struct Forgotten {
  std::int64_t rows = 0;
  std::int64_t until_ms = 0;  // when the last of them was settled
};

// Steps a statement that deletes rows, counts them and notes them with their links.
Result<void> forget(Database& database, LentStatement& deletion) {
  std::map<std::int64_t, Forgotten> links;
  CounterChanges changes;
  for (;;) {
    PAW_TRY(row, deletion->step());
    if (!row) break;
    changes.add_sent(-1);
    Forgotten& link = links[deletion->integer(0)];
    ++link.rows;
    link.until_ms = std::max(link.until_ms, deletion->integer(1));
  }
  for (const auto& [link_id, link] : links) {
    PAW_TRY(before, link_value(database, "forgotten", link_id));
    PAW_TRY(counted, put_link_value(database, "forgotten", link_id, before + link.rows));
    PAW_TRY(noted, put_link_value(database, "forgotten_until", link_id, link.until_ms));
  }
  return changes.write(database);
}

// Sent rows are kept so that a hub that comes back from a backup can be given the day again, but not for
// ever.
Result<void> forget_old_rows(Database& database, std::int64_t now_ms) {
  PAW_TRY(aged, database.statement(kForgetAged));
  aged->bind(1, now_ms - kKeepSentMs).bind(2, kForgottenPerTransaction);
  PAW_TRY(aged_gone, forget(database, aged));
  PAW_TRY(kept, sent_rows(database));
  const std::int64_t surplus = std::min(kept - kKeepSentRows, kForgottenPerTransaction);
  if (surplus <= 0) return {};
  PAW_TRY(oldest, database.statement(kForgetOldest));
  oldest->bind(1, surplus);
  return forget(database, oldest);
}

Result<void> note_delivery(Database& database, std::int64_t now_ms) {
  PAW_TRY(note, database.statement("INSERT INTO meta(key, value) VALUES('last_delivery_ms', ?1) "
                                   "ON CONFLICT(key, scope) DO UPDATE SET value = excluded.value"));
  return note->bind(1, now_ms).run();
}

Result<void> settle_some(Database& database, std::span<const Settlement> settlements, std::int64_t now_ms) {
  CounterChanges changes;
  bool sent = false;
  for (const Settlement& settlement : settlements) {
    PAW_TRY(moved, move_row(database, settlement, now_ms, changes));
    sent = sent || (moved && settlement.to == RowState::sent);
  }
  PAW_TRY(counted, changes.write(database));
  if (!sent) return {};
  PAW_TRY(noted, note_delivery(database, now_ms));
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
