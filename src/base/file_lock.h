// An exclusive advisory lock on a file, shared by processes and by threads that open it separately.
#pragma once

#include <cstdint>
#include <utility>

#include "base/disk.h"
#include "base/fork.h"
#include "base/lock_wait.h"

namespace pawprint {

// flock(2), or on a file system that several machines may use the lock of an open file description (fcntl(2),
// F_OFD_SETLK), which servers know of. All users of a file have to take the same kind.
enum class LockKind { flock, record };

// What fits the file system of `path`, which need not be there.
Result<LockKind> lock_kind_for(Disk& disk, const Path& path);

// Holds the lock until destroyed. The descriptor is close-on-exec, and closed in a forked child: the lock
// stays with the parent alone, and the child's copy of this object holds nothing.
class FileLock {
 public:
  // Creates the file (0600) if needed. Waits at most `wait`: for a few turns in which others run, then fairly
  // (a blocked flock, no polling). Not had in time: kind `busy`. With LockKind::flock, `path` may be a
  // directory, which is then locked itself.
  static Result<FileLock> acquire(const Path& path, LockWait wait, LockKind kind = LockKind::flock);
  // As acquire, for as long as it takes: for locks under which nothing slow ever happens.
  static Result<FileLock> acquire_blocking(const Path& path);

  FileLock(FileLock&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)),
        kind_(other.kind_),
        forks_(other.forks_),
        keep_(other.keep_) {}
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  friend class LockFile;
  enum class Keep { nothing, open };  // open: the descriptor stays so when the lock is let go
  FileLock(int descriptor, LockKind kind, Keep keep = Keep::nothing)
      : descriptor_(descriptor), kind_(kind), keep_(keep) {}
  static bool locked_at_once(int descriptor, LockKind kind);
  int descriptor_ = -1;
  LockKind kind_ = LockKind::flock;
  std::uint64_t forks_ = fork_count();  // when the descriptor was opened
  Keep keep_ = Keep::nothing;
};

}  // namespace pawprint
