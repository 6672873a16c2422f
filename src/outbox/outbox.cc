#include "outbox/outbox.h"

#include "base/file_lock.h"
#include "base/format.h"
#include "outbox/counters.h"
#include "outbox/schema.h"

namespace pawprint::outbox {
namespace {

constexpr std::string_view kDatabase = "outbox.db";

constexpr std::string_view kInsert =
    "INSERT INTO queue(event_id, lamport, link_id, project_uuid, state, queued_at, data) "
    "VALUES(?1, ?2, ?3, ?4, 'pending', ?5, ?6) ON CONFLICT(event_id) DO NOTHING";
constexpr std::string_view kRaiseHighWater =
    "INSERT INTO meta(key, value) VALUES('high_water', ?1) "
    "ON CONFLICT(key) DO UPDATE SET value = max(value, excluded.value)";

// Two processes that open a home for the first time take turns: whoever comes second finds the tables.
Result<sqlite::Connection> create_and_open(const Environment& environment, const Path& home) {
  PAW_TRY(existing, environment.disk->status(home));
  PAW_TRY(made, environment.disk->make_directories(home, 0700));
  if (!existing) {
    PAW_TRY(synced, environment.disk->sync_directory(home.parent_path()));
  }
  PAW_TRY(lock, FileLock::acquire(home / kHomeLock, kLockWait));
  PAW_TRY(created, create_database(*environment.disk, home / kDatabase));
  PAW_TRY(connection, open_database(home / kDatabase, sqlite::Access::read_write));
  if (!connection) {
    return fail(ErrorKind::io, fmt::format("cannot use {}: it has no tables", (home / kDatabase).string()));
  }
  return *std::move(connection);
}

Result<void> insert_row(Database& database, const NewRow& row, std::int64_t now_ms) {
  PAW_TRY(insert, database.statement(kInsert));
  insert->bind(1, row.event_id).bind(2, static_cast<std::int64_t>(row.lamport)).bind(3, row.link_id);
  insert->bind(4, row.project_uuid).bind(5, now_ms).bind(6, row.data);
  PAW_TRY(inserted, insert->run());
  if (database.changes() == 1) return {};
  return fail(ErrorKind::failed, fmt::format("cannot queue event {}: the queue has it already", row.event_id),
              "pawprint sync status");
}

}  // namespace

Result<Outbox> Outbox::open(const Environment& environment, const Path& home) {
  PAW_TRY(status, environment.disk->status(home / kDatabase));
  if (status) {
    auto connection = open_database(home / kDatabase, sqlite::Access::read_write);
    // Busy: another process is just making it, and is done with that when we have the lock.
    if (!connection && connection.error().kind != ErrorKind::busy) {
      return std::unexpected(std::move(connection).error());
    }
    if (connection && *connection) return Outbox(environment, Database(**std::move(connection), home));
  }
  PAW_TRY(connection, create_and_open(environment, home));
  return Outbox(environment, Database(std::move(connection), home));
}

Result<std::optional<Outbox>> Outbox::open_existing(const Environment& environment, const Path& home) {
  PAW_TRY(status, environment.disk->status(home / kDatabase));
  if (!status) return std::nullopt;
  PAW_TRY(connection, open_database(home / kDatabase, sqlite::Access::read_only));
  if (!connection) return std::nullopt;
  return Outbox(environment, Database(*std::move(connection), home));
}

Result<void> Outbox::append(std::span<const NewRow> rows, Durability durability) {
  if (rows.empty()) return {};
  const std::int64_t now_ms = environment_->clock->unix_ms();
  return database_.write(durability, [&]() -> Result<void> {
    CounterChanges changes;
    std::uint64_t highest = 0;
    for (const NewRow& row : rows) {
      PAW_TRY(inserted, insert_row(database_, row, now_ms));
      changes.add_pending(class_of(row.link_id, row.project_uuid), 1);
      highest = std::max(highest, row.lamport);
    }
    PAW_TRY(counted, changes.write(database_));
    PAW_TRY(raise, database_.statement(kRaiseHighWater));
    return raise->bind(1, static_cast<std::int64_t>(highest)).run();
  });
}

Result<std::vector<std::string>> Outbox::known_ids(std::span<const std::string> event_ids) {
  PAW_TRY(query, database_.statement(
                     "SELECT 1 FROM queue WHERE event_id = ?1 AND state NOT IN ('discarded', 'dropped')"));
  std::vector<std::string> known;
  for (const std::string& event_id : event_ids) {
    PAW_TRY(row, query->bind(1, event_id).step());
    if (row) known.push_back(event_id);
    query->reset();
  }
  return known;
}

Result<std::uint64_t> Outbox::high_water() {
  PAW_TRY(query, database_.statement("SELECT value FROM meta WHERE key = 'high_water'"));
  PAW_TRY(row, query->step());
  return row ? static_cast<std::uint64_t>(query->integer(0)) : 0;
}

}  // namespace pawprint::outbox
