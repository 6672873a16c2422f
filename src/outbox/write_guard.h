// How every write to outbox.db happens: under home.lock, in one transaction, with the checkpoint rule behind
// it.
#pragma once

#include <chrono>
#include <utility>

#include "base/file_lock.h"
#include "outbox/row.h"
#include "sqlite/connection.h"

namespace pawprint::outbox {

inline constexpr std::string_view kHomeLock = "home.lock";
inline constexpr std::chrono::milliseconds kLockWait{250};
inline constexpr std::int64_t kNoLink = 0;  // the counters' row of what has no destination

// Empties the WAL into the database if it has grown beyond 512 KiB. The caller holds home.lock. A reader in
// the way or a disk that refuses leaves it to the next writer: what was committed is committed.
void checkpoint_if_large(sqlite::Connection& connection);

// Adds to the counter of a state (pending, parked, sent); other states are not counted.
Result<void> add_to_counter(sqlite::Connection& connection, std::int64_t link_id, RowState state,
                            std::int64_t by);

template <class Work>
Result<void> write_under_lock(const Path& home, sqlite::Connection& connection, Work work) {
  PAW_TRY(lock, FileLock::acquire(home / kHomeLock, kLockWait));
  PAW_TRY(transaction, sqlite::Transaction::begin(connection));
  PAW_TRY(worked, work());
  PAW_TRY(committed, transaction.commit());
  checkpoint_if_large(connection);
  return {};
}

}  // namespace pawprint::outbox
