#include "hub/store/database.h"

#include "base/format.h"
#include "base/sabotage.h"
#include "hub/store/backup.h"
#include "hub/store/damage.h"
#include "hub/store/mark.h"
#include "hub/store/way_back.h"

namespace pawprint::hub::store {
namespace {

constexpr std::uint64_t kCheckpointAbovePages = 1000;  // 4 MiB of WAL, which stay and are written over
constexpr std::uint64_t kTruncateAbovePages =
    4 * kCheckpointAbovePages;                      // somebody read for long: it shrinks
constexpr std::uint64_t kTryAgainAfterPages = 250;  // a try that fails costs two commits
constexpr int kWriterWaitMs = 5000;                 // for a reader that is recovering the WAL index
constexpr std::size_t kMaxIdleReaders = 8;

Result<MigrationReport> prepare_writer(sqlite::Connection& writer, const Environment& environment) {
  writer.busy_timeout_ms(kWriterWaitMs);
  PAW_TRY(kept, writer.no_checkpoint_on_close());
  PAW_TRY(configured, writer.execute("PRAGMA journal_mode=WAL;"
                                     "PRAGMA foreign_keys=ON; PRAGMA secure_delete=OFF;"));
  PAW_TRY(synchronous, writer.execute(sabotaged("hub-synchronous-normal") ? "PRAGMA synchronous=NORMAL"
                                                                          : "PRAGMA synchronous=FULL"));
  PAW_TRY(migrated, migrate(writer, environment));
  // The WAL may be one whose sync has failed: it reads well, and the disk does not have it. Written into the
  // database and synced there, it is on the disk, before anything that follows it is acknowledged.
  const bool trusts_wal = sabotaged("hub-wal-trusted");
  if (!trusts_wal) {
    PAW_TRY(emptied, writer.checkpoint_truncate());
  }
  PAW_TRY(needs_wal, set_mark(writer, Mark::needs_wal));
  const auto said = trusts_wal ? Result<void>() : writer.checkpoint_truncate();
  PAW_TRY(whole, set_mark(writer, Mark::whole));
  if (!said) return std::unexpected(said.error());
  // So that what a statement may have to undo goes to no file in a directory that is not ours. Not before: a
  // migration may sort a whole log, for which the memory would not do.
  PAW_TRY(kept_in_memory, writer.execute("PRAGMA temp_store=MEMORY"));
  return migrated;
}

Result<std::unique_ptr<sqlite::Connection>> open_reader(const Path& file) {
  PAW_TRY(connection, sqlite::Connection::open(file, sqlite::Access::read_only));
  connection.busy_timeout_ms(kWriterWaitMs);
  PAW_TRY(configured, connection.no_checkpoint_on_close());
  return std::make_unique<sqlite::Connection>(std::move(connection));
}

// SQLite would create the file with the umask's permissions; its WAL gets those of the file. The descriptor
// is closed before SQLite opens the file: closing it later would drop SQLite's POSIX locks.
Result<void> make_private_file(Disk& disk, const Path& file) {
  PAW_TRY(made, disk.open(file, OpenMode::create, 0600));
  return {};
}

}  // namespace

Result<void> Write::commit() {
  const auto begun = std::chrono::steady_clock::now();
  auto committed = transaction_.commit();
  if (committed && database_->committed_) database_->committed_(std::chrono::steady_clock::now() - begun);
  if (committed) database_->checkpoint_if_large();
  database_->look_for_sync_failure();
  return committed;
}

Read::~Read() {
  if (connection_ == nullptr) return;
  if (connection_->damaged()) database_->reader_met_damage_ = true;
  // A reader that cannot end its transaction would pin the WAL for ever: it is closed, not lent again.
  if (!connection_->execute("ROLLBACK")) return;
  database_->take_back(std::move(connection_));
}

Result<std::unique_ptr<Database>> Database::open(const Environment& environment, const Path& data_directory) {
  PAW_TRY(made, environment.disk->make_directories(data_directory, 0700));
  const Path file = data_directory / "hub.db";
  PAW_TRY(usable, refuse_what_lacks_something(*environment.disk, file));
  PAW_TRY(private_file, make_private_file(*environment.disk, file));
  PAW_TRY(writer, sqlite::Connection::open(file, sqlite::Access::create));
  auto migrated = prepare_writer(writer, environment);
  if (!migrated) return std::unexpected(store::with_way_back(migrated.error(), writer.damaged()));
  std::unique_ptr<Database> database(new Database(environment, file, std::move(writer)));
  database->migrated_ = *std::move(migrated);
  return database;
}

// Only of a file that says that it is whole the WAL may be removed.
Database::~Database() {
  writer_.busy_timeout_ms(0);  // whoever else reads it keeps the WAL anyway
  if (broken_ || (needs_wal_ && !set_mark(writer_, Mark::whole)) || !writer_.checkpoint_truncate()) return;
  if (!writer_.checkpoint_on_close()) return;  // it stays, and is empty
}

Result<Write> Database::write() {
  std::unique_lock lock(writer_mutex_);
  if (broken_) {
    return fail(ErrorKind::io, fmt::format("cannot write to {}: a sync has failed before", file_.string()),
                "start the hub again");
  }
  PAW_TRY(transaction, sqlite::Transaction::begin(writer_));
  return Write(*this, std::move(lock), writer_, std::move(transaction));
}

// Told without the writers' mutex: who hears of it may look again.
Result<void> Database::commit_change_of(Write write, std::span<const std::string> user_ids) {
  auto committed = [&] {
    Write ending = std::move(write);
    return ending.commit();
  }();
  if (!access_changed_) return committed;
  for (const std::string& user_id : user_ids) access_changed_(user_id);
  return committed;
}

Result<void> Database::copy_to(const Path& file, const std::stop_token& stop) {
  PAW_TRY(known, disk_->status(file));
  if (known) {
    return fail(ErrorKind::failed, fmt::format("cannot back up to {}: it exists already", file.string()));
  }
  return vacuum_into(*disk_, file_, file, stop);
}

Result<std::vector<std::string>> Database::find_damage(const std::stop_token& stop) {
  PAW_TRY(reader, read());
  return store::find_damage(*reader.connection_, stop);
}

Error Database::with_way_back(Error error) {
  const std::lock_guard lock(writer_mutex_);
  return store::with_way_back(std::move(error), reader_met_damage_ || writer_.damaged());
}

Result<Read> Database::read() {
  std::unique_ptr<sqlite::Connection> reader;
  {
    const std::lock_guard lock(readers_mutex_);
    if (!idle_readers_.empty()) {
      reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
    }
  }
  if (reader == nullptr) {
    PAW_TRY(opened, open_reader(file_));
    reader = std::move(opened);
  }
  PAW_TRY(begun, reader->execute("BEGIN"));
  return Read(*this, std::move(reader));
}

// Moves what no reader needs any more into the database. Never waits for readers; what is left, or a failure,
// comes again after a later commit, and no verdict depends on it.
void Database::checkpoint_if_large() {
  end_wal_whole();
  const std::uint64_t pages = writer_.wal_pages();
  const bool just_tried = pages >= tried_at_pages_ && pages - tried_at_pages_ < kTryAgainAfterPages;
  if (pages < kCheckpointAbovePages || just_tried) return;
  if (!needs_wal_) needs_wal_ = set_mark(writer_, Mark::needs_wal).has_value();
  writer_.busy_timeout_ms(0);
  const auto done =
      pages < kTruncateAbovePages ? writer_.checkpoint_restart() : writer_.checkpoint_truncate();
  writer_.busy_timeout_ms(kWriterWaitMs);
  end_wal_whole();
  tried_at_pages_ = done ? 0 : writer_.wal_pages();
}

// Also behind a checkpoint that somebody who reads holds up: whoever puts all of the WAL into the file later
// makes it whole.
void Database::end_wal_whole() {
  if (needs_wal_ && !writer_.sync_failed()) needs_wal_ = !set_mark(writer_, Mark::whole);
}

void Database::look_for_sync_failure() {
  if (broken_ || !writer_.sync_failed()) return;
  broken_ = true;
  if (sync_failed_) sync_failed_();
}

void Database::take_back(std::unique_ptr<sqlite::Connection> reader) {
  const std::lock_guard lock(readers_mutex_);
  if (idle_readers_.size() < kMaxIdleReaders) idle_readers_.push_back(std::move(reader));
}

}  // namespace pawprint::hub::store
