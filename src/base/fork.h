// What a host that forks needs (a Python program with multiprocessing, say): to tell that a handle was
// inherited, and that no lock of ours is held by a thread which the child does not have.
#pragma once

#include <cstdint>
#include <mutex>

namespace pawprint {

// How many forks lie between the first process of this program and this one. A handle that was made at
// another count belongs to an ancestor: it is abandoned, not closed.
std::uint64_t fork_count();

// As open(2), close-on-exec, for a descriptor that a forked child must not keep: the child's copy is closed
// before fork() returns there. -1 and errno.
int open_unshared(const char* path, int flags, unsigned permissions);
void close_unshared(int descriptor);

// While it lives, fork() waits until `mutex` is free, and parent and child go on with it free. Never fork
// while holding the mutex. `mutex` must outlive it.
class ForkGuard {
 public:
  explicit ForkGuard(std::mutex& mutex);
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;
  ~ForkGuard();

  // Whether a fork has happened since the last call, or since the construction: this is then a child.
  bool in_new_process();

 private:
  std::mutex& mutex_;
  std::uint64_t forks_ = fork_count();
};

}  // namespace pawprint
