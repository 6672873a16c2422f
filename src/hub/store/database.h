// The file hub.db and how it is shared: one connection that writes and checkpoints, many that only read.
// SQLite 3.7.0-3.51.2 can corrupt a WAL when two connections write or checkpoint at one moment, so every
// write of the process goes through Database::write() and no reader ever checkpoints.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/environment.h"
#include "hub/store/migrations.h"
#include "hub/store/way_back.h"
#include "sqlite/connection.h"

namespace pawprint::hub::store {

class Database;

// The write connection inside BEGIN IMMEDIATE. Holds the writers' mutex until destroyed; whatever commit()
// did not make durable is rolled back then. Statements made from it must be gone before it is.
class Write {
 public:
  Write(Write&&) noexcept = default;
  Write& operator=(Write&&) = delete;

  Result<sqlite::Statement> prepare(std::string_view sql) { return connection_->prepare_kept(sql); }
  Result<void> execute(std::string_view sql) { return connection_->execute(sql); }
  sqlite::Connection& connection() { return *connection_; }

  // Durable to a power cut when it returns. After an error nothing may be reported as stored; whether it was
  // is not known.
  Result<void> commit();

 private:
  friend class Database;
  Write(Database& database, std::unique_lock<std::mutex> lock, sqlite::Connection& connection,
        sqlite::Transaction transaction)
      : database_(&database),
        lock_(std::move(lock)),
        connection_(&connection),
        transaction_(std::move(transaction)) {}
  Database* database_;
  std::unique_lock<std::mutex> lock_;
  sqlite::Connection* connection_;
  sqlite::Transaction transaction_;
};

// A connection that only reads, lent to one caller. All its statements see one state of the file, that of the
// first of them. Statements made from it must be gone before it is.
class Read {
 public:
  Read(Read&&) noexcept = default;
  Read& operator=(Read&&) = delete;
  ~Read();

  Result<sqlite::Statement> prepare(std::string_view sql) { return connection_->prepare_kept(sql); }

 private:
  friend class Database;
  Read(Database& database, std::unique_ptr<sqlite::Connection> connection)
      : database_(&database), connection_(std::move(connection)) {}
  Database* database_;
  std::unique_ptr<sqlite::Connection> connection_;
};

// Thread-safe. Outlives every Write and Read that it gave out.
class Database {
 public:
  // Makes the directory (0700) and the file (0600) if needed and brings the schema up to date. A schema newer
  // than this program: kind `failed`; a file that is damaged: kind `io`, and the way back to a backup; a WAL
  // that is missing or damaged before its last commit: kind `io`, and how to go on without what it had; a
  // backup: kind `failed`. Nothing is changed then.
  static Result<std::unique_ptr<Database>> open(const Environment& environment, const Path& data_directory);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Blocks until no other thread writes. After a sync that failed, always an error: what the file has and
  // what the disk has may differ from then on, and the next sync would not tell.
  Result<Write> write();

  // Called once, on the thread whose write met it, when a sync fails; the process must end then, so that the
  // next one finds out from the disk what there is. Set before others write.
  void on_sync_failure(std::function<void()> failed) { sync_failed_ = std::move(failed); }
  // Called after every commit with the time that it took, its sync included, while the writers' mutex is
  // held: it must be quick. Set before others write.
  void on_commit(std::function<void(std::chrono::nanoseconds)> committed) {
    committed_ = std::move(committed);
  }
  // Called after a commit that changed what these may do (users, or tokens of machines), before whoever made
  // it goes on; also after one of which it is not known. Set before others write.
  void on_access_change(std::function<void(std::string_view user_id)> changed) {
    access_changed_ = std::move(changed);
  }
  Result<void> commit_change_of(Write write, std::span<const std::string> user_ids);

  Result<Read> read();

  // As find_damage(), of this file.
  Result<std::vector<std::string>> find_damage(const std::stop_token& stop = {});

  // `error` of a call with what to type, if the file has turned out to be damaged. Not for who holds a Write.
  Error with_way_back(Error error);

  // Writes a copy of one state of the file to a new file (0600), durable when it returns. Others go on
  // writing meanwhile. There is such a file already: kind `failed`, and it stays as it is. Stopped: kind
  // `interrupted`, and there is none.
  Result<void> copy_to(const Path& file, const std::stop_token& stop = {});

  const MigrationReport& migrated() const { return migrated_; }  // what open() did to the schema
  ClockSource& clock() { return *clock_; }
  Random& random() { return *random_; }

 private:
  friend class Write;
  friend class Read;
  Database(const Environment& environment, Path file, sqlite::Connection writer)
      : clock_(environment.clock),
        random_(environment.random),
        disk_(environment.disk),
        file_(std::move(file)),
        writer_(std::move(writer)) {}
  void checkpoint_if_large();
  void end_wal_whole();
  void look_for_sync_failure();
  void take_back(std::unique_ptr<sqlite::Connection> reader);

  ClockSource* clock_;
  Random* random_;
  Disk* disk_;
  Path file_;
  MigrationReport migrated_;
  std::mutex writer_mutex_;
  sqlite::Connection writer_;
  std::function<void()> sync_failed_;
  std::function<void(std::chrono::nanoseconds)> committed_;
  std::function<void(std::string_view)> access_changed_;
  bool broken_ = false;               // with writer_mutex_: a sync has failed
  bool needs_wal_ = false;            // with writer_mutex_: what the WAL says, too
  std::uint64_t tried_at_pages_ = 0;  // with writer_mutex_: of the WAL that could not be checkpointed; or 0
  std::atomic<bool> reader_met_damage_ = false;
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<sqlite::Connection>> idle_readers_;
};

}  // namespace pawprint::hub::store
