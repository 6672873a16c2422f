#include "outbox/database.h"

#include <atomic>

#include "base/format.h"
#include "base/sabotage.h"
#include "outbox/salvage.h"
#include "outbox/schema.h"
#include "sqlite/file_format.h"
#include "sqlite/wal_frames.h"

namespace pawprint::outbox {
namespace {

constexpr std::uint64_t kLargestWalBytes = 512 << 10;
// A process that opens the queue while nobody else has it open reads the whole WAL. Commands that write once
// and end are spared that at the price of a checkpoint in every fifteenth of them.
constexpr std::uint64_t kLargestWalOfOneWriteBytes = 256 << 10;
// Left behind by a reader that was in the way of a checkpoint: no later one needs so much.
constexpr std::uint64_t kWalToCutBytes = 1 << 20;

}  // namespace

std::uint64_t Database::next_number() {
  static std::atomic<std::uint64_t> opened = 0;
  return ++opened;
}

Result<LentStatement> Database::statement(std::string_view sql) {
  auto known = statements_.find(sql);
  if (known == statements_.end()) {
    auto prepared = connection_.prepare(sql);
    if (!prepared) {
      PAW_TRY(ours, check_is_ours(*environment_->disk, home() / kDatabase, connection_));
      return std::unexpected(std::move(prepared).error());
    }
    known = statements_.emplace(sql, *std::move(prepared)).first;
  }
  return LentStatement(known->second);
}

namespace {

// Only who writes would lose what stands behind the damage, by writing over it.
Result<void> refuse_damaged_wal(Disk& disk, const Path& file, const sqlite::Connection& connection) {
  if (!connection.wal_ends_early()) return {};
  PAW_TRY(damage, sqlite::wal_damage(disk, file));
  if (!damage) return {};
  return fail(ErrorKind::io, fmt::format("cannot use {}: {}", file.string(), *damage));
}

}  // namespace

// The identity is taken first: of a file that is replaced in between, it is the old one, and the next write
// opens the new one.
Result<std::optional<Database>> Database::open(const Environment& environment, const Path& home,
                                               sqlite::Access access) {
  Disk& disk = *environment.disk;
  PAW_TRY(identity, disk.status(home / kDatabase));
  PAW_TRY(connection, open_database(disk, home / kDatabase, access));
  if (!connection) return std::nullopt;
  const std::uint64_t pages_gone = connection->wal_pages_gone();
  if (access != sqlite::Access::read_only) {
    PAW_TRY(usable, refuse_damaged_wal(disk, home / kDatabase, *connection));
  }
  Database database(*std::move(connection), environment, home, identity.value_or(FileStatus{}));
  database.wal_pages_gone_ = pages_gone;
  return database;
}

bool Database::is_other(const std::optional<FileStatus>& named) const {
  return !named || named->inode != identity_.inode || named->device != identity_.device;
}

Result<bool> Database::replaced() const {
  PAW_TRY(named, environment_->disk->status(home() / kDatabase));
  return is_other(named);
}

Result<void> Database::reopen() {
  const Path file = home() / kDatabase;
  PAW_TRY(finished, refuse_unfinished_salvage(*environment_->disk, home()));
  PAW_TRY(created, create_database(*environment_->disk, file));
  PAW_TRY(opened, open(*environment_, home(), sqlite::Access::read_write));
  if (!opened) return fail(ErrorKind::io, "cannot use " + file.string() + ": it has no tables");
  std::swap(lock_, opened->lock_);  // it is held
  opened->wait_ = wait_;
  *this = *std::move(opened);
  return {};
}

Result<void> Database::reopen_if_replaced() {
  PAW_TRY(named, home_.status(std::string(kDatabase)));
  return is_other(named) ? reopen() : Result<void>();
}

Result<void> Database::set_durability(Durability durability) {
  if (durability_ == durability) return {};
  const bool syncs = durability == Durability::power && !sabotaged("synchronous-normal");
  PAW_TRY(set, connection_.execute(syncs ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
  durability_ = durability;
  return {};
}

bool Database::has_wal() {
  if (wal_) return true;
  auto opened = environment_->disk->open(home() / kWal, OpenMode::read);
  if (opened) wal_ = *std::move(opened);
  return wal_ != nullptr;
}

// A checkpoint has synced all that it took, and left nothing in the WAL.
Result<void> Database::sync_wal() {
  if (sabotaged("synchronous-normal") || connection_.wal_pages() == 0) return {};
  if (has_wal() && wal_->sync()) return {};
  if (wal_ && sabotaged("failed-sync-forgotten")) return wal_->sync();
  PAW_TRY(lock, lock_.acquire(*environment_->disk, wait_));
  return connection_.checkpoint_truncate();
}

// A reader in the way or a disk that refuses leaves it to the next writer: what was committed is committed,
// and others wait for the lock. The file stays as long as it is and is written over: a sync of that needs no
// commit of the file system's journal, one of a file that grows does. Who writes on begins at its start
// again; of who may end now the next process must see that nothing is in it.
void Database::checkpoint_if_large() {
  const bool first_write = !std::exchange(has_written_, true);
  const std::uint64_t wal_bytes = connection_.wal_pages() * sqlite::kPageBytes;
  if (wal_bytes <= (first_write ? kLargestWalOfOneWriteBytes : kLargestWalBytes)) return;
  connection_.busy_timeout_ms(0);
  const auto moved = wal_bytes > kWalToCutBytes ? connection_.checkpoint_truncate()
                     : first_write              ? connection_.checkpoint_in_place()
                                                : connection_.execute("PRAGMA wal_checkpoint(PASSIVE)");
  connection_.busy_timeout_ms(kForeignLockWaitMs);
  if (!moved) return;
}

}  // namespace pawprint::outbox
