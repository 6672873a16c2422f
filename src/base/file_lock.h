// An exclusive advisory lock (flock) on a file, shared by processes and by threads that open it separately.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include "base/disk.h"
#include "base/fork.h"

namespace pawprint {

// Holds the lock until destroyed. The descriptor is close-on-exec, and closed in a forked child: the lock
// stays with the parent alone, and the child's copy of this object holds nothing.
class FileLock {
 public:
  // Creates the file (0600) if needed. Waits at most `wait`; the waiting is fair (a blocked flock, no
  // polling). Not had in time: kind `busy`. `path` may be a directory, which is then locked itself.
  static Result<FileLock> acquire(const Path& path, std::chrono::milliseconds wait);
  // As acquire, for as long as it takes: for locks under which nothing slow ever happens.
  static Result<FileLock> acquire_blocking(const Path& path);

  FileLock(FileLock&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), forks_(other.forks_) {}
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
  std::uint64_t forks_ = fork_count();  // when the descriptor was opened
};

}  // namespace pawprint
