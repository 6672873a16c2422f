#include "outbox/counters.h"

#include "base/sabotage.h"

namespace pawprint::outbox {
namespace {

std::string_view key_of(const RowClass& rows) {
  return rows.link_id == kNoLink ? "unlinked" : "pending";
}

std::string scope_of(const RowClass& rows) {
  return rows.link_id == kNoLink ? rows.project_uuid : std::to_string(rows.link_id);
}

// An update first: it costs half of an upsert, and the row is nearly always there.
Result<void> change_counter(Database& database, std::string_view key, std::string_view scope, std::int64_t by,
                            std::uint64_t lamport) {
  const auto mark = static_cast<std::int64_t>(lamport);
  PAW_TRY(change, database.statement("UPDATE meta SET value = value + ?3, mark = max(mark, ?4) "
                                     "WHERE key = ?1 AND scope = ?2"));
  PAW_TRY(changed,
          sqlite::BorrowedBindings(*change).bind(1, key).bind(2, scope).bind(3, by).bind(4, mark).run());
  if (database.changes() > 0) return {};
  PAW_TRY(insert, database.statement("INSERT INTO meta(key, scope, value, mark) VALUES(?1, ?2, ?3, ?4)"));
  return insert->bind(1, key).bind(2, scope).bind(3, by).bind(4, mark).run();
}

Result<std::uint64_t> first_pending_of(Database& database, std::int64_t link_id) {
  constexpr std::string_view kBut =
      "SELECT coalesce(sum(iif(key = 'again', -value, value)), 0) FROM meta "
      "WHERE key IN ('pending', 'again') AND scope = ?1";
  constexpr std::string_view kWith =
      "SELECT coalesce(sum(value), 0) FROM meta "
      "WHERE key = 'pending' AND scope = ?1";
  PAW_TRY(query, database.statement(sabotaged("again-fills-the-queue") ? kWith : kBut));
  PAW_TRY(row, query->bind(1, std::to_string(link_id)).step());
  return row ? static_cast<std::uint64_t>(query->integer(0)) : 0;
}

}  // namespace

RowClass class_of(std::optional<std::int64_t> link_id, const std::optional<std::string>& project_uuid) {
  if (link_id) return {*link_id, {}};
  return {kNoLink, project_uuid.value_or("")};
}

Result<void> CounterChanges::write(Database& database, std::uint64_t lamport) const {
  for (const auto& [rows, by] : pending_) {
    PAW_TRY(changed, change_counter(database, key_of(rows), scope_of(rows), by, lamport));
  }
  for (const auto& [link_id, by] : again_) {
    PAW_TRY(changed, change_counter(database, "again", std::to_string(link_id), by, 0));
  }
  if (sent_ != 0) {
    PAW_TRY(changed, change_counter(database, "sent_rows", "", sent_, 0));
  }
  if (parked_.empty()) return {};
  PAW_TRY(emptied, database.statement("DELETE FROM meta WHERE key = 'parked' AND scope = ?1 AND value = 0"));
  for (const auto& [reason, by] : parked_) {
    PAW_TRY(changed, change_counter(database, "parked", reason, by, 0));
    if (by > 0) continue;
    PAW_TRY(removed, emptied->bind(1, reason).run());
  }
  return {};
}

Result<std::uint64_t> pending_of_link(Database& database, std::int64_t link_id) {
  if (link_id != kNoLink && !sabotaged("capacity-global")) return first_pending_of(database, link_id);
  constexpr std::string_view kUnlinked = "SELECT coalesce(sum(value), 0) FROM meta WHERE key = 'unlinked'";
  constexpr std::string_view kAll =
      "SELECT coalesce(sum(value), 0) FROM meta WHERE key IN ('pending', 'unlinked')";
  PAW_TRY(query, database.statement(sabotaged("capacity-global") ? kAll : kUnlinked));
  PAW_TRY(row, query->step());
  return row ? static_cast<std::uint64_t>(query->integer(0)) : 0;
}

Result<std::int64_t> link_value(Database& database, std::string_view key, std::int64_t link_id) {
  PAW_TRY(query, database.statement("SELECT value FROM meta WHERE key = ?1 AND scope = ?2"));
  PAW_TRY(row, query->bind(1, key).bind(2, std::to_string(link_id)).step());
  return row ? query->integer(0) : 0;
}

Result<void> put_link_value(Database& database, std::string_view key, std::int64_t link_id,
                            std::int64_t value) {
  PAW_TRY(put, database.statement("INSERT INTO meta(key, scope, value) VALUES(?1, ?2, ?3) "
                                  "ON CONFLICT(key, scope) DO UPDATE SET value = excluded.value"));
  return put->bind(1, key).bind(2, std::to_string(link_id)).bind(3, value).run();
}

Result<void> drop_link_value(Database& database, std::string_view key, std::int64_t link_id) {
  PAW_TRY(drop, database.statement("DELETE FROM meta WHERE key = ?1 AND scope = ?2"));
  return drop->bind(1, key).bind(2, std::to_string(link_id)).run();
}

}  // namespace pawprint::outbox
