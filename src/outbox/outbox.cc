#include "outbox/outbox.h"

#include "base/file_lock.h"
#include "outbox/schema.h"
#include "outbox/write_guard.h"

namespace pawprint::outbox {
namespace {

constexpr std::string_view kDatabase = "outbox.db";

constexpr std::string_view kInsert =
    "INSERT INTO queue(event_id, lamport, link_id, project_uuid, state, queued_at, data) "
    "VALUES(?1, ?2, ?3, ?4, 'pending', ?5, ?6)";
constexpr std::string_view kRaiseHighWater =
    "INSERT INTO meta(key, value) VALUES('high_water', ?1) "
    "ON CONFLICT(key) DO UPDATE SET value = max(value, excluded.value)";

}  // namespace

Outbox::Outbox(const Environment& environment, Path home, sqlite::Connection connection)
    : environment_(&environment), home_(std::move(home)), connection_(std::move(connection)) {}

Result<Outbox> Outbox::open(const Environment& environment, const Path& home) {
  const Path file = home / kDatabase;
  PAW_TRY(status, environment.disk->status(file));
  if (status) {
    PAW_TRY(connection, open_database(file, sqlite::Access::read_write));
    if (connection) return Outbox(environment, home, *std::move(connection));
  }
  PAW_TRY(made, environment.disk->make_directories(home, 0700));
  {
    PAW_TRY(lock, FileLock::acquire(home / kHomeLock, kLockWait));
    PAW_TRY(created, create_database(*environment.disk, file));
  }
  PAW_TRY(connection, open_database(file, sqlite::Access::read_write));
  if (!connection) return fail(ErrorKind::io, "cannot use " + file.string() + ": it has no tables");
  return Outbox(environment, home, *std::move(connection));
}

Result<std::optional<Outbox>> Outbox::open_existing(const Environment& environment, const Path& home) {
  const Path file = home / kDatabase;
  PAW_TRY(status, environment.disk->status(file));
  if (!status) return std::nullopt;
  PAW_TRY(connection, open_database(file, sqlite::Access::read_only));
  if (!connection) return std::nullopt;
  return Outbox(environment, home, *std::move(connection));
}

Result<void> Outbox::set_durability(Durability durability) {
  if (durability_ == durability) return {};
  PAW_TRY(set, connection_.execute(durability == Durability::power ? "PRAGMA synchronous = FULL"
                                                                   : "PRAGMA synchronous = NORMAL"));
  durability_ = durability;
  return {};
}

Result<void> Outbox::append(std::span<const NewRow> rows, Durability durability) {
  if (rows.empty()) return {};
  PAW_TRY(durable, set_durability(durability));
  const std::int64_t now_ms = environment_->clock->unix_ms();
  return write_under_lock(home_, connection_, [&]() -> Result<void> {
    PAW_TRY(insert, connection_.prepare(kInsert));
    std::uint64_t highest = 0;
    for (const NewRow& row : rows) {
      insert.bind(1, row.event_id).bind(2, static_cast<std::int64_t>(row.lamport)).bind(3, row.link_id);
      insert.bind(4, row.project_uuid).bind(5, now_ms).bind(6, row.data);
      PAW_TRY(inserted, insert.run());
      PAW_TRY(counted, add_to_counter(connection_, row.link_id.value_or(kNoLink), RowState::pending, 1));
      highest = std::max(highest, row.lamport);
    }
    PAW_TRY(raise, connection_.prepare(kRaiseHighWater));
    return raise.bind(1, static_cast<std::int64_t>(highest)).run();
  });
}

Result<std::vector<std::string>> Outbox::known_ids(std::span<const std::string> event_ids) {
  PAW_TRY(query, connection_.prepare(
                     "SELECT 1 FROM queue WHERE event_id = ?1 AND state NOT IN ('discarded', 'dropped')"));
  std::vector<std::string> known;
  for (const std::string& event_id : event_ids) {
    PAW_TRY(row, query.bind(1, event_id).step());
    if (row) known.push_back(event_id);
    query.reset();
  }
  return known;
}

Result<std::uint64_t> Outbox::high_water() {
  PAW_TRY(query, connection_.prepare("SELECT value FROM meta WHERE key = 'high_water'"));
  PAW_TRY(row, query.step());
  return row ? static_cast<std::uint64_t>(query.integer(0)) : 0;
}

}  // namespace pawprint::outbox
