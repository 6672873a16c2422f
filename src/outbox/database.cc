#include "outbox/database.h"

#include "outbox/schema.h"

namespace pawprint::outbox {
namespace {

constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kLargestWalBytes = 512 << 10;

}  // namespace

Result<LentStatement> Database::statement(std::string_view sql) {
  auto known = statements_.find(sql);
  if (known == statements_.end()) {
    PAW_TRY(prepared, connection_.prepare(sql));
    known = statements_.emplace(sql, std::move(prepared)).first;
  }
  return LentStatement(known->second);
}

Result<void> Database::set_durability(Durability durability) {
  if (durability_ == durability) return {};
  PAW_TRY(set, connection_.execute(durability == Durability::power ? "PRAGMA synchronous = FULL"
                                                                   : "PRAGMA synchronous = NORMAL"));
  durability_ = durability;
  return {};
}

// A reader in the way or a disk that refuses leaves it to the next writer: what was committed is committed,
// and others wait for the lock.
void Database::checkpoint_if_large() {
  if (connection_.wal_pages() * kPageBytes <= kLargestWalBytes) return;
  connection_.busy_timeout_ms(0);
  const auto emptied = connection_.checkpoint_truncate();
  connection_.busy_timeout_ms(kForeignLockWaitMs);
  if (!emptied) return;
}

}  // namespace pawprint::outbox
