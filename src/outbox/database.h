// The open outbox.db of a home. Every write goes through write(): under home.lock, in one transaction, with
// the checkpoint rule behind it.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/file_lock.h"
#include "pawprint/event.h"
#include "sqlite/connection.h"

namespace pawprint::outbox {

inline constexpr std::string_view kHomeLock = "home.lock";
inline constexpr std::chrono::milliseconds kLockWait{250};

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

 private:
  sqlite::Statement* statement_;
};

class Database {
 public:
  Database(sqlite::Connection connection, Path home)
      : connection_(std::move(connection)), home_(std::move(home)) {}

  // Prepared once and kept; `sql` must live for ever (a literal). A statement is lent once at a time.
  Result<LentStatement> statement(std::string_view sql);

  const Path& home() const { return home_; }
  std::int64_t changes() const { return connection_.changes(); }
  std::int64_t last_insert_rowid() const { return connection_.last_insert_rowid(); }

  // Runs `work` (returning Result<void>) in a transaction; its error undoes the transaction. Waits at most
  // `wait` for home.lock, then kind `busy`.
  template <class Work>
  Result<void> write(Durability durability, Work work, std::chrono::milliseconds wait = kLockWait) {
    PAW_TRY(lock, FileLock::acquire(home_ / kHomeLock, wait));
    PAW_TRY(set, set_durability(durability));
    PAW_TRY(transaction, sqlite::Transaction::begin(connection_));
    PAW_TRY(worked, work());
    PAW_TRY(committed, transaction.commit());
    checkpoint_if_large();
    return {};
  }

 private:
  Result<void> set_durability(Durability durability);
  void checkpoint_if_large();

  sqlite::Connection connection_;
  Path home_;
  std::optional<Durability> durability_;
  std::unordered_map<std::string_view, sqlite::Statement> statements_;
};

}  // namespace pawprint::outbox
