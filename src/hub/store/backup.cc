#include "hub/store/backup.h"

#include "base/failpoint.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "base/shell_word.h"
#include "base/ulid.h"
#include "hub/store/migrations.h"
#include "sqlite/connection.h"
#include "sqlite/wal_frames.h"

namespace pawprint::hub::store {
namespace {

Path part_of(const Path& file) {
  return Path(file.string() + ".part");
}

Result<void> copy_into(Disk& disk, sqlite::Connection& source, const Path& file) {
  for (const char* suffix : {"", "-journal"}) {
    PAW_TRY(removed, disk.remove(file.string() + suffix));
  }
  PAW_TRY(made, disk.open(file, OpenMode::create_new, 0600));
  made.reset();  // closing it later would drop SQLite's POSIX locks
  PAW_TRY(copy, source.prepare("VACUUM INTO ?1"));
  return copy.bind(1, file.string()).run();
}

// SQLite does not sync what it copies into.
Result<void> put_in_place(Disk& disk, const Path& part, const Path& file) {
  {
    PAW_TRY(written, disk.open(part, OpenMode::read_write));
    PAW_TRY(synced, written->sync());
  }
  failpoint("hub-copy-synced");
  PAW_TRY(renamed, disk.rename(part, file));
  failpoint("hub-copy-renamed");
  return disk.sync_directory(file.parent_path());
}

Result<void> check_backup(sqlite::Connection& source, const Path& file) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorKind::invalid, fmt::format("cannot restore {}: {}", file.string(), why));
  };
  auto check = source.prepare("PRAGMA integrity_check(1)");
  if (!check || !check->step()) return refuse("it is no backup of a hub");
  if (check->view(0) != "ok") return refuse("it is damaged");
  auto hub = source.prepare("SELECT count(*) FROM hub_meta");
  if (!hub || !hub->step() || hub->integer(0) != 1) return refuse("it is no backup of a hub");
  return {};
}

Result<void> begin_anew(const Environment& environment, const Path& file) {
  PAW_TRY(connection, sqlite::Connection::open(file, sqlite::Access::read_write));
  PAW_TRY(migrated, migrate(connection, environment));
  PAW_TRY(transaction, sqlite::Transaction::begin(connection));
  PAW_TRY(ended, connection.execute(
                     "DELETE FROM refresh_tokens; DELETE FROM refresh_families; DELETE FROM invitations"));
  if (!sabotaged("restore-keeps-epoch")) {
    PAW_TRY(update, connection.prepare("UPDATE hub_meta SET epoch = ?1"));
    const std::string epoch = UlidGenerator(*environment.clock, *environment.random).next();
    PAW_TRY(updated, update.bind(1, epoch).run());
  }
  return transaction.commit();
}

}  // namespace

Result<void> vacuum_into(Disk& disk, const Path& from, const Path& to) {
  const Path part = part_of(to);
  {
    PAW_TRY(source, sqlite::Connection::open(from, sqlite::Access::read_only));
    PAW_TRY(configured, source.no_checkpoint_on_close());
    PAW_TRY(copied, copy_into(disk, source, part));
  }
  failpoint("hub-backup-copied");
  return put_in_place(disk, part, to);
}

Result<std::optional<std::string>> restore(const Environment& environment, const Path& backup,
                                           const Path& data_directory) {
  Disk& disk = *environment.disk;
  const Path file = data_directory / "hub.db";
  PAW_TRY(known, disk.status(file));
  if (known) {
    return fail(ErrorKind::failed,
                fmt::format("cannot restore into {}: a hub's data is there already", data_directory.string()),
                fmt::format("pawprint-hub restore {} --data ANOTHER_DIR", shell_word(backup.string())));
  }
  const Path part = part_of(file);
  PAW_TRY(left_out, sqlite::wal_damage(disk, backup));
  {
    PAW_TRY(source, sqlite::Connection::open(backup, sqlite::Access::read_only));
    PAW_TRY(checked, check_backup(source, backup));
    PAW_TRY(copied, copy_into(disk, source, part));
  }
  failpoint("hub-restore-copied");
  PAW_TRY(begun, begin_anew(environment, part));
  failpoint("hub-restore-begun");
  PAW_TRY(placed, put_in_place(disk, part, file));
  return left_out;
}

}  // namespace pawprint::hub::store
