#include "base/fork.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <ranges>
#include <utility>
#include <vector>

namespace pawprint {
namespace {

std::atomic<std::uint64_t> g_forks = 0;

struct Inheritance {
  std::mutex guards_mutex;
  std::vector<std::mutex*> guarded;
  std::mutex descriptors_mutex;
  std::vector<int> descriptors;
};

// Never destroyed: a fork may still come while the process ends.
Inheritance& inheritance() {
  static auto* const made = new Inheritance;
  return *made;
}

// From the outer locks to the inner ones: whoever holds a guarded mutex may be about to open a descriptor.
void before_fork() {
  inheritance().guards_mutex.lock();
  for (std::mutex* mutex : inheritance().guarded) mutex->lock();
  inheritance().descriptors_mutex.lock();
}

void after_fork() {
  inheritance().descriptors_mutex.unlock();
  for (std::mutex* mutex : inheritance().guarded | std::views::reverse) mutex->unlock();
  inheritance().guards_mutex.unlock();
}

void after_fork_in_child() {
  ++g_forks;
  for (const int descriptor : inheritance().descriptors) ::close(descriptor);
  inheritance().descriptors.clear();
  after_fork();
}

// Before main: a fork that was not counted would let a child take its parent's handles for its own.
[[maybe_unused]] const int g_registered = ::pthread_atfork(before_fork, after_fork, after_fork_in_child);

}  // namespace

std::uint64_t fork_count() {
  return g_forks;
}

int open_unshared(const char* path, int flags, unsigned permissions) {
  const std::lock_guard guard(inheritance().descriptors_mutex);
  const int descriptor = ::open(path, flags | O_CLOEXEC, permissions);
  if (descriptor >= 0) inheritance().descriptors.push_back(descriptor);
  return descriptor;
}

void close_unshared(int descriptor) {
  const std::lock_guard guard(inheritance().descriptors_mutex);
  std::erase(inheritance().descriptors, descriptor);
  ::close(descriptor);
}

ForkGuard::ForkGuard(std::mutex& mutex) : mutex_(mutex) {
  const std::lock_guard guard(inheritance().guards_mutex);
  inheritance().guarded.push_back(&mutex_);
}

ForkGuard::~ForkGuard() {
  const std::lock_guard guard(inheritance().guards_mutex);
  std::erase(inheritance().guarded, &mutex_);
}

bool ForkGuard::in_new_process() {
  return std::exchange(forks_, fork_count()) != forks_;
}

}  // namespace pawprint
