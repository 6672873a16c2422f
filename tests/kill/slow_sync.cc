#include "kill/slow_sync.h"

#include <poll.h>
#include <sqlite3.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace pawprint::testing {
namespace {

SyncsAtOnce* syncs_of_sqlite = nullptr;  // its VFS has no place for it

// `syncs`: nullptr if it is not the WAL.
void take_long(SyncsAtOnce* syncs) {
  if (syncs != nullptr) syncs->begin();
  ::poll(nullptr, 0, kSlowSyncMs);
  if (syncs != nullptr) syncs->end();
}

class SlowFile final : public FileAbove {
 public:
  SlowFile(std::unique_ptr<File> below, SyncsAtOnce* syncs) : FileAbove(std::move(below)), syncs_(syncs) {}
  Result<void> sync() override {
    take_long(syncs_);
    return {};
  }

 private:
  SyncsAtOnce* syncs_;
};

// The unix VFS has other methods for a database than for what belongs to it.
sqlite3_io_methods& slow_methods(int flags) {
  static sqlite3_io_methods of_database{}, of_wal{}, of_others{};
  if ((flags & SQLITE_OPEN_WAL) != 0) return of_wal;
  return (flags & SQLITE_OPEN_MAIN_DB) != 0 ? of_database : of_others;
}

int sync_wal_slowly(sqlite3_file*, int) {
  take_long(syncs_of_sqlite);
  return SQLITE_OK;
}

int sync_slowly(sqlite3_file*, int) {
  take_long(nullptr);
  return SQLITE_OK;
}

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* real = sqlite3_vfs_find("unix");
  const int opened = real->xOpen(real, name, file, flags, out_flags);
  if (opened != SQLITE_OK) return opened;
  slow_methods(flags) = *file->pMethods;
  slow_methods(flags).xSync = (flags & SQLITE_OPEN_WAL) != 0 ? sync_wal_slowly : sync_slowly;
  file->pMethods = &slow_methods(flags);
  return SQLITE_OK;
}

}  // namespace

SyncsAtOnce::SyncsAtOnce() {
  void* shared = ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) std::abort();
  counts_ = new (shared) Counts;
}

SyncsAtOnce::~SyncsAtOnce() {
  ::munmap(counts_, sizeof(Counts));
}

void SyncsAtOnce::begin() {
  const int now = ++counts_->now;
  int most = counts_->most;
  while (most < now && !counts_->most.compare_exchange_weak(most, now)) {
  }
}

void SyncsAtOnce::end() {
  --counts_->now;
}

void make_syncs_of_sqlite_slow(SyncsAtOnce* syncs) {
  sqlite3_initialize();
  syncs_of_sqlite = syncs;
  static sqlite3_vfs slow = *sqlite3_vfs_find("unix");
  slow.zName = "slow-sync";
  slow.xOpen = open_file;
  if (sqlite3_vfs_register(&slow, 1) != SQLITE_OK) std::abort();
}

Result<std::unique_ptr<File>> SlowDisk::open(const Path& path, OpenMode mode, unsigned permissions) {
  PAW_TRY(file, below_.open(path, mode, permissions));
  return std::make_unique<SlowFile>(std::move(file), path.extension() == ".db-wal" ? &syncs_ : nullptr);
}

Result<void> SlowDisk::sync_directory(const Path&) {
  take_long(nullptr);
  return {};
}

}  // namespace pawprint::testing
