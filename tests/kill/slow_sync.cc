#include "kill/slow_sync.h"

#include <poll.h>
#include <sqlite3.h>

#include <cstdlib>

namespace pawprint::testing {
namespace {

// The unix VFS has other methods for a database than for what belongs to it.
sqlite3_io_methods& slow_methods(int flags) {
  static sqlite3_io_methods of_database{}, of_others{};
  return (flags & SQLITE_OPEN_MAIN_DB) != 0 ? of_database : of_others;
}

int sync_slowly(sqlite3_file*, int) {
  ::poll(nullptr, 0, kSlowSyncMs);
  return SQLITE_OK;
}

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* real = sqlite3_vfs_find("unix");
  const int opened = real->xOpen(real, name, file, flags, out_flags);
  if (opened != SQLITE_OK) return opened;
  slow_methods(flags) = *file->pMethods;
  slow_methods(flags).xSync = sync_slowly;
  file->pMethods = &slow_methods(flags);
  return SQLITE_OK;
}

}  // namespace

void make_syncs_slow() {
  sqlite3_initialize();
  static sqlite3_vfs slow = *sqlite3_vfs_find("unix");
  slow.zName = "slow-sync";
  slow.xOpen = open_file;
  if (sqlite3_vfs_register(&slow, 1) != SQLITE_OK) std::abort();
}

}  // namespace pawprint::testing
