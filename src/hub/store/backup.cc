#include "hub/store/backup.h"

#include "base/failpoint.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "base/shell_word.h"
#include "base/ulid.h"
#include "hub/store/damage.h"
#include "hub/store/mark.h"
#include "hub/store/migrations.h"
#include "hub/store/way_back.h"
#include "sqlite/stop_by.h"

namespace pawprint::hub::store {
namespace {

Path part_of(const Path& file) {
  return Path(file.string() + ".part");
}

// What a copy leaves that could not be finished.
class Part {
 public:
  Part(Disk& disk, const Path& file) : disk_(disk), path_(part_of(file)) {}
  Part(const Part&) = delete;
  ~Part() {
    if (is_done_) return;
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
      // It takes room, nothing else.
      if (const auto removed = disk_.remove(path_.string() + suffix); !removed) return;
    }
  }
  const Path& path() const { return path_; }
  void is_in_place() { is_done_ = true; }

 private:
  Disk& disk_;
  Path path_;
  bool is_done_ = false;
};

// What SQLite said, without what it was asked to do.
std::string_view why_of(const Error& error) {
  const auto colon = error.message.rfind(": ");
  return std::string_view(error.message).substr(colon == std::string::npos ? 0 : colon + 2);
}

Result<void> copy_into(Disk& disk, sqlite::Connection& source, const Path& file,
                       const std::stop_token& stop = {}) {
  for (const char* suffix : {"", "-journal"}) {
    PAW_TRY(removed, disk.remove(file.string() + suffix));
  }
  PAW_TRY(made, disk.open(file, OpenMode::create_new, 0600));
  made.reset();  // closing it later would drop SQLite's POSIX locks
  PAW_TRY(copy, source.prepare("VACUUM INTO ?1"));
  const sqlite::StopBy stopping(source, stop);
  if (stop.stop_requested()) return fail(ErrorKind::interrupted, "stopped");
  const auto copied = copy.bind(1, file.string()).run();
  if (copied) return {};
  // SQLite names the file that it reads, though it may be the other one that it cannot write.
  Error error = copied.error();
  error.message = fmt::format("cannot copy {} to {}: {}", error.file, file.string(), why_of(error));
  return std::unexpected(std::move(error));
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
  const auto damage = find_damage(source);
  if (!damage && !source.damaged()) return std::unexpected(damage.error());
  if (!damage) return refuse(fmt::format("it is damaged, or no backup of a hub: {}", why_of(damage.error())));
  if (!damage->empty()) return refuse(fmt::format("it is damaged: {}", damage->front()));
  auto hub = source.prepare("SELECT count(*) FROM hub_meta");
  if (!hub || !hub->step() || hub->integer(0) != 1) return refuse("it is no backup of a hub");
  PAW_TRY(version, schema_version(source));
  return {};
}

Result<std::int64_t> revoke_machine_tokens(sqlite::Connection& connection, std::int64_t now_ms) {
  PAW_TRY(update,
          connection.prepare("UPDATE machine_tokens SET revoked_at_ms = ?1 WHERE revoked_at_ms IS NULL"));
  PAW_TRY(updated, update.bind(1, now_ms).run());
  return connection.changes();
}

Result<Restored> begin_anew(const Environment& environment, const Path& file) {
  PAW_TRY(connection, sqlite::Connection::open(file, sqlite::Access::read_write));
  PAW_TRY(migrated, migrate(connection, environment));
  PAW_TRY(marked, set_mark(connection, Mark::whole));
  PAW_TRY(transaction, sqlite::Transaction::begin(connection));
  PAW_TRY(ended, connection.execute(
                     "DELETE FROM refresh_tokens; DELETE FROM refresh_families; DELETE FROM invitations"));
  PAW_TRY(revoked, revoke_machine_tokens(connection, environment.clock->unix_ms()));
  if (!sabotaged("restore-keeps-epoch")) {
    PAW_TRY(update, connection.prepare("UPDATE hub_meta SET epoch = ?1"));
    const std::string epoch = UlidGenerator(*environment.clock, *environment.random).next();
    PAW_TRY(updated, update.bind(1, epoch).run());
  }
  PAW_TRY(committed, transaction.commit());
  return Restored{.revoked_tokens = revoked};
}

}  // namespace

Result<void> vacuum_into(Disk& disk, const Path& from, const Path& to, const std::stop_token& stop) {
  Part part(disk, to);
  {
    PAW_TRY(source, sqlite::Connection::open(from, sqlite::Access::read_only));
    PAW_TRY(configured, source.no_checkpoint_on_close());
    const auto copied = copy_into(disk, source, part.path(), stop);
    if (!copied) return std::unexpected(with_way_back(copied.error(), source.damaged()));
  }
  {
    PAW_TRY(copy, sqlite::Connection::open(part.path(), sqlite::Access::read_write));
    PAW_TRY(marked, set_mark(copy, Mark::backup));
  }
  failpoint("hub-backup-copied");
  PAW_TRY(placed, put_in_place(disk, part.path(), to));
  part.is_in_place();
  return {};
}

Result<Backup> open_backup(Disk& disk, const Path& file) {
  PAW_TRY(readable, disk.open(file, OpenMode::read));  // SQLite would wait for a pipe
  readable.reset();
  PAW_TRY(left_out, lost_of_wal(disk, file));
  PAW_TRY(source, sqlite::Connection::open(file, sqlite::Access::read_only));
  PAW_TRY(checked, check_backup(source, file));
  return Backup{file, std::move(left_out), std::move(source)};
}

Result<void> check_no_hub_is_in(Disk& disk, const Path& backup, const Path& data_directory) {
  PAW_TRY(known, disk.status(data_directory / "hub.db"));
  if (!known) return {};
  return fail(ErrorKind::failed,
              fmt::format("cannot restore into {}: a hub's data is there already", data_directory.string()),
              fmt::format("pawprint-hub restore {} --data ANOTHER_DIR", shell_word(backup.string())));
}

Result<Restored> restore(const Environment& environment, Backup backup, const Path& data_directory) {
  Disk& disk = *environment.disk;
  PAW_TRY(is_free, check_no_hub_is_in(disk, backup.file, data_directory));
  const Path file = data_directory / "hub.db";
  Part part(disk, file);
  PAW_TRY(copied, copy_into(disk, backup.source, part.path()));
  failpoint("hub-restore-copied");
  PAW_TRY(restored, begin_anew(environment, part.path()));
  failpoint("hub-restore-begun");
  PAW_TRY(placed, put_in_place(disk, part.path(), file));
  part.is_in_place();
  return restored;
}

}  // namespace pawprint::hub::store
