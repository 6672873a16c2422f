#include "outbox/counters.h"

#include "base/sabotage.h"

namespace pawprint::outbox {

RowClass class_of(std::optional<std::int64_t> link_id, const std::optional<std::string>& project_uuid) {
  if (link_id) return {*link_id, {}};
  return {kNoLink, project_uuid.value_or("")};
}

Result<void> CounterChanges::write(Database& database) const {
  PAW_TRY(pending,
          database.statement("INSERT INTO counters(link_id, project_uuid, pending) VALUES(?1, ?2, ?3) "
                             "ON CONFLICT(link_id, project_uuid) DO UPDATE "
                             "SET pending = pending + excluded.pending"));
  for (const auto& [rows, by] : pending_) {
    PAW_TRY(changed, pending->bind(1, rows.link_id).bind(2, rows.project_uuid).bind(3, by).run());
  }
  PAW_TRY(parked, database.statement("INSERT INTO parked(reason, rows) VALUES(?1, ?2) "
                                     "ON CONFLICT(reason) DO UPDATE SET rows = rows + excluded.rows"));
  for (const auto& [reason, by] : parked_) {
    PAW_TRY(changed, parked->bind(1, reason).bind(2, by).run());
  }
  PAW_TRY(emptied, database.statement("DELETE FROM parked WHERE reason = ?1 AND rows = 0"));
  for (const auto& [reason, by] : parked_) {
    if (by > 0) continue;
    PAW_TRY(removed, emptied->bind(1, reason).run());
  }
  return {};
}

Result<std::uint64_t> pending_of_link(Database& database, std::int64_t link_id) {
  constexpr std::string_view kOfLink = "SELECT coalesce(sum(pending), 0) FROM counters WHERE link_id = ?1";
  constexpr std::string_view kOfAll = "SELECT coalesce(sum(pending), 0) FROM counters WHERE ?1 = ?1";
  PAW_TRY(query, database.statement(sabotaged("capacity-global") ? kOfAll : kOfLink));
  PAW_TRY(row, query->bind(1, link_id).step());
  return row ? static_cast<std::uint64_t>(query->integer(0)) : 0;
}

Result<std::uint64_t> pending_rows(Database& database, const RowClass& rows) {
  PAW_TRY(query, database.statement("SELECT pending FROM counters WHERE link_id = ?1 AND project_uuid = ?2"));
  PAW_TRY(row, query->bind(1, rows.link_id).bind(2, rows.project_uuid).step());
  return row ? static_cast<std::uint64_t>(query->integer(0)) : 0;
}

}  // namespace pawprint::outbox
