#include "sqlite/connection.h"
#include "sqlite/gathered_wal.h"

namespace pawprint::sqlite {

Result<Transaction> Transaction::begin(Connection& connection) {
  PAW_TRY(begun, connection.control("BEGIN IMMEDIATE", connection.seen_->begin));
  return Transaction(connection);
}

Result<Transaction> Transaction::begin_reading(Connection& connection) {
  PAW_TRY(begun, connection.execute("BEGIN"));
  return Transaction(connection);
}

Result<void> Transaction::commit() {
  const GatheredCommit gathered(connection_->database_);
  PAW_TRY(committed, connection_->control("COMMIT", connection_->seen_->commit));
  connection_ = nullptr;
  return {};
}

Transaction::~Transaction() {
  if (connection_ == nullptr || !connection_->in_its_own_process()) return;
  // A failed ROLLBACK means that SQLite has already rolled back by itself; either way nothing was committed.
  if (auto rolled_back = connection_->execute("ROLLBACK"); !rolled_back) return;
}

}  // namespace pawprint::sqlite
