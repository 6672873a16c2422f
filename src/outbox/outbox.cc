#include "outbox/outbox.h"

#include "base/file_lock.h"
#include "base/format.h"
#include "outbox/schema.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kRefilledInPassing = 64;

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

Result<Appended> Outbox::append(std::span<const NewRow> rows, Durability durability,
                                std::uint64_t queue_limit) {
  if (rows.empty()) return Appended::stored;
  bool room = true;
  PAW_TRY(written, database_.write(durability, [&]() -> Result<void> {
    Intake intake(database_, queue_limit, environment_->clock->unix_ms());
    PAW_TRY(enough, intake.room_for(rows));
    room = enough;
    if (!room) return {};
    for (const NewRow& row : rows) {
      PAW_TRY(outcome, intake.take(row));
      if (outcome == Intake::Outcome::taken) continue;
      return fail(ErrorKind::failed,
                  fmt::format("cannot queue event {}: the queue has it already", row.event_id),
                  "pawprint sync status");
    }
    return intake.finish();
  }));
  return room ? Appended::stored : Appended::full;
}

Result<RefillCount> Outbox::refill_some(std::uint64_t queue_limit) {
  Spill spill(*environment_, database_.home());
  return Refill(*environment_, database_, spill, queue_limit).oldest(kRefilledInPassing);
}

Result<RefillCount> Outbox::refill(std::uint64_t queue_limit) {
  Spill spill(*environment_, database_.home());
  return Refill(*environment_, database_, spill, queue_limit).everything();
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
