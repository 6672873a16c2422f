// The open outbox.db of a home. Every write goes through write(): under home.lock, in one transaction, with
// the checkpoint rule behind it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/environment.h"
#include "base/held_directory.h"
#include "base/lock_file.h"
#include "outbox/schema.h"
#include "pawprint/event.h"
#include "sqlite/connection.h"

namespace pawprint::outbox {

inline constexpr std::string_view kHomeLock = "home.lock";

// A prepared statement on loan. It is reset when it goes out of scope, so that no read transaction stays open
// and an error leaves it usable.
class LentStatement {
 public:
  explicit LentStatement(sqlite::Statement& statement) : statement_(&statement) {}
  LentStatement(LentStatement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  LentStatement& operator=(LentStatement&&) = delete;
  ~LentStatement() {
    if (statement_ != nullptr) statement_->reset();
  }
  sqlite::Statement* operator->() const { return statement_; }
  sqlite::Statement& operator*() const { return *statement_; }

 private:
  sqlite::Statement* statement_;
};

class Database {
 public:
  // `environment` must outlive it. nullopt: the tables are not there yet.
  static Result<std::optional<Database>> open(const Environment& environment, const Path& home,
                                              sqlite::Access access);
  Database(sqlite::Connection connection, const Environment& environment, const Path& home,
           const FileStatus& identity)
      : connection_(std::move(connection)),
        environment_(&environment),
        home_(*environment.disk, *environment.clock, home),
        lock_(home / kHomeLock),
        identity_(identity) {}

  // Prepared once and kept; `sql` must live for ever (a literal). A statement is lent once at a time.
  Result<LentStatement> statement(std::string_view sql);

  const Path& home() const { return home_.path(); }
  std::int64_t changes() const { return connection_.changes(); }
  std::int64_t last_insert_rowid() const { return connection_.last_insert_rowid(); }

  // How long home.lock is waited for.
  void wait_for_lock(LockWait wait) { wait_ = wait; }

  // Runs `work` (returning Result<void>) in a transaction; its error undoes the transaction. Kind `busy` if
  // home.lock was not to be had.
  template <class Work>
  Result<void> write(Durability durability, Work work) {
    return write(durability, work, wait_);
  }
  template <class Work>
  Result<void> write(Durability durability, Work work, LockWait wait) {
    if (home_.is_due()) lock_.look_anew();
    PAW_TRY(lock, lock_.acquire(*environment_->disk, wait));
    PAW_TRY(current, reopen_if_replaced());
    PAW_TRY(set, set_durability(durability));
    auto written = in_transaction(work);
    if (written) checkpoint_if_large();
    if (!written && written.error().kind == ErrorKind::io) leave_failed_wal(connection_);
    return written;
  }

  // Whether a commit can be synced apart from writing it: there is a WAL. Asked before the commit, since a
  // sync reports only what fails while the file is open.
  bool has_wal();
  // All that was committed before, with whatever durability, survives a power cut once this returns. Without
  // home.lock, so that the syncs of several processes become one; the name of a new WAL is synced by SQLite,
  // with its header, before the first frame. Errors: `io`, the rows may be lost in a power cut; `busy` if
  // home.lock was needed (a sync failed, and the database has to take the rows) and not had.
  Result<void> sync_wal();

  // What is read while it lives is as it was at the first read.
  Result<sqlite::Transaction> begin_reading() { return sqlite::Transaction::begin_reading(connection_); }

  // Changes with each commit of this or another process. Compared inside a transaction with what it was
  // behind the latest commit, it tells whether others have written in between.
  std::uint32_t version() const { return connection_.data_version(); }
  // Another number for each database that was opened, so that what was remembered of one is not taken for
  // another's.
  std::uint64_t number() const { return number_; }
  // Whether an error so far said that the file is damaged.
  bool damaged() const { return connection_.damaged(); }
  void note_damage() { connection_.note_damage(); }
  // The first thing that is wrong with it, empty if nothing is. Reads every page.
  Result<std::string> damage() { return damage_of(connection_); }
  // How many pages that had been committed were gone from the end of the WAL when it was opened; told once,
  // to whoever opens it first.
  std::uint64_t wal_pages_gone() const { return wal_pages_gone_; }
  // Whether another process has put another file in the place of the one that is open here.
  Result<bool> replaced() const;
  // The caller holds home.lock, and lends no statement. Leaves the lock's own file as it is.
  Result<void> reopen();

 private:
  template <class Work>
  Result<void> in_transaction(Work& work) {
    PAW_TRY(transaction, sqlite::Transaction::begin(connection_));
    PAW_TRY(worked, work());
    return transaction.commit();
  }
  static std::uint64_t next_number();
  bool is_other(const std::optional<FileStatus>& named) const;
  Result<void> reopen_if_replaced();
  Result<void> set_durability(Durability durability);
  void checkpoint_if_large();

  sqlite::Connection connection_;
  const Environment* environment_;
  HeldDirectory home_;
  LockFile lock_;
  LockWait wait_{kLockWait};
  std::unique_ptr<File> wal_;
  bool has_written_ = false;
  std::uint64_t wal_pages_gone_ = 0;
  FileStatus identity_;  // of the file that is open
  std::uint64_t number_ = next_number();
  std::optional<Durability> durability_;
  std::unordered_map<std::string_view, sqlite::Statement> statements_;
};

}  // namespace pawprint::outbox
