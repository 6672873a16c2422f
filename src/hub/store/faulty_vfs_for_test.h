// For tests: SQLite's file system with a hand on the syncs and the beginnings of every WAL that is opened
// while it stands, and a count of the temporary files.
#pragma once

#include <sqlite3.h>

#include <atomic>

namespace pawprint::hub::store {

// One at a time, and before the files that it is to see are opened.
class FaultyVfs {
 public:
  FaultyVfs() {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "faulty";
    vfs_.xOpen = open;
    syncs_ = 0;
    temporary_files_ = 0;
    fails_ = false;
    fails_to_begin_ = false;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FaultyVfs() { sqlite3_vfs_unregister(&vfs_); }
  FaultyVfs(const FaultyVfs&) = delete;

  int syncs() const { return syncs_; }
  int temporary_files() const { return temporary_files_; }
  void fail_once() { fails_ = true; }  // the next one, as a disk does: later ones say that all is well
  void fail_next_beginning() {
    fails_to_begin_ = true;
  }  // of a WAL, also of one written over: the disk is full
  bool will_fail_beginning() const { return fails_to_begin_; }

 private:
  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    constexpr int kTemporary =
        SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_TRANSIENT_DB | SQLITE_OPEN_TEMP_JOURNAL | SQLITE_OPEN_SUBJOURNAL;
    if ((flags & kTemporary) != 0) ++temporary_files_;
    const int code = real_->xOpen(vfs, name, file, flags, out_flags);
    if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return code;
    real_sync_ = file->pMethods->xSync;
    methods_ = *file->pMethods;
    methods_.xSync = sync;
    real_write_ = file->pMethods->xWrite;
    methods_.xWrite = write;
    file->pMethods = &methods_;
    return code;
  }
  static int sync(sqlite3_file* file, int flags) {
    ++syncs_;
    return fails_.exchange(false) ? SQLITE_IOERR_FSYNC : real_sync_(file, flags);
  }
  static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
    return at == 0 && fails_to_begin_.exchange(false) ? SQLITE_FULL : real_write_(file, bytes, count, at);
  }

  static inline sqlite3_vfs* real_;
  static inline sqlite3_io_methods methods_;
  static inline int (*real_sync_)(sqlite3_file*, int);
  static inline int (*real_write_)(sqlite3_file*, const void*, int, sqlite3_int64);
  static inline std::atomic<int> syncs_;
  static inline std::atomic<int> temporary_files_;
  static inline std::atomic<bool> fails_;
  static inline std::atomic<bool> fails_to_begin_;
  sqlite3_vfs vfs_;
};

}  // namespace pawprint::hub::store
