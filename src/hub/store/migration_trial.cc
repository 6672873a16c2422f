#include "hub/store/migration_trial.h"

#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "hub/store/backup.h"
#include "hub/store/damage.h"
#include "hub/store/disk_room.h"
#include "hub/store/scratch_directory.h"
#include "hub/store/way_back.h"

namespace pawprint::hub::store {
namespace {

// The copy, and as much again for what the steps and their log need.
constexpr std::uintmax_t kRoomPerByte = 3;

Result<void> check_room(Disk& disk, const Path& data_directory) {
  PAW_TRY(bytes, bytes_of_database(disk, data_directory));
  std::error_code failed;
  const auto space = std::filesystem::space(data_directory, failed);
  if (failed || space.available >= bytes * kRoomPerByte) return {};
  return fail(ErrorKind::failed,
              fmt::format("cannot try it on a copy in {}: that takes {} MiB, and {} MiB are free",
                          data_directory.string(), (bytes * kRoomPerByte >> 20) + 1, space.available >> 20));
}

Result<void> check_copy(sqlite::Connection& connection) {
  for (const char* sql : {"PRAGMA integrity_check(1)", "PRAGMA foreign_key_check"}) {
    PAW_TRY(check, connection.prepare(sql));
    PAW_TRY(found, check.step());
    if (found && check.view(0) != "ok") {
      return fail(ErrorKind::failed,
                  fmt::format("the migrated copy would not be sound ({}): {}", sql, check.view(0)));
    }
  }
  return {};
}

}  // namespace

Result<std::int64_t> schema_version_in(const Environment& environment, const Path& data_directory) {
  const Path file = data_directory / "hub.db";
  PAW_TRY(there, environment.disk->status(file));
  if (!there) {
    return fail(ErrorKind::failed, fmt::format("there is nothing to migrate: {} has no database of a hub",
                                               data_directory.string()));
  }
  PAW_TRY(usable, refuse_what_lacks_something(*environment.disk, file));
  PAW_TRY(wal, environment.disk->status(file.string() + "-wal"));  // none: no hub has it
  PAW_TRY(connection,
          sqlite::Connection::open(file, wal ? sqlite::Access::read_only : sqlite::Access::unchanging));
  PAW_TRY(configured, connection.no_checkpoint_on_close());
  auto version = schema_version(connection);
  if (!version) return std::unexpected(with_way_back(version.error(), connection.damaged()));
  return version;
}

Result<MigrationTrial> try_migrations(const Environment& environment, const Path& data_directory) {
  PAW_TRY(version, schema_version_in(environment, data_directory));
  MigrationTrial trial;
  trial.report = {version, version, {}};
  if (version == migrations().back().version) return trial;
  Disk& disk = *environment.disk;
  ClockSource& clock = *environment.clock;
  PAW_TRY(room, check_room(disk, data_directory));
  const ScratchDirectory scratch(data_directory / "migrate");
  PAW_TRY(made, disk.make_directories(scratch.path(), 0700));
  const Path copy = scratch.path() / "hub.db";
  const std::int64_t begun_ms = clock.monotonic_ms();
  PAW_TRY(copied, vacuum_into(disk, data_directory / "hub.db", copy));
  trial.copied_ms = clock.monotonic_ms() - begun_ms;
  PAW_TRY(connection, sqlite::Connection::open(copy, sqlite::Access::read_write));
  PAW_TRY(report, migrate(connection, environment));
  trial.report = std::move(report);
  const std::int64_t done_ms = clock.monotonic_ms();
  PAW_TRY(checked, check_copy(connection));
  trial.checked_ms = clock.monotonic_ms() - done_ms;
  return trial;
}

}  // namespace pawprint::hub::store
