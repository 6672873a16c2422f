// A lock that one process takes again and again: the file stays open between two holdings.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/file_lock.h"

namespace pawprint {

// Not thread-safe: whoever shares it holds a mutex, since two threads would both be given the lock. Must
// outlive what it gave out. Safe across fork(): the child opens the file anew.
class LockFile {
 public:
  explicit LockFile(Path path) : path_(std::move(path)) {}
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile();

  // As FileLock::acquire, of the kind that fits the file system. A file that was removed or replaced in the
  // meantime is opened anew.
  Result<FileLock> acquire(Disk& disk, LockWait wait);
  // Whoever does not hold it: what has the name is locked next, also where the file that is open has a name
  // elsewhere, since its directory was moved.
  void look_anew() { close(); }

  // What the file holds, for who has the lock: at most `bytes` from its beginning, and nothing where it is no
  // regular file or could not be kept open. Never synced: it is for processes that run at one time.
  Result<std::string> read(std::size_t bytes) const;
  Result<void> write(std::string_view content) const;

 private:
  bool has_name() const;
  void close();

  Path path_;
  std::optional<LockKind> kind_;
  int descriptor_ = -1;
  std::uint64_t forks_ = fork_count();  // when it was opened
};

}  // namespace pawprint
