#include "base/file_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/format.h"
#include "base/sabotage.h"

namespace pawprint {
namespace {

Result<int> open_lock_file(const Path& path) {
  int descriptor = open_unshared(path.c_str(), O_RDWR | O_CREAT, 0600);
  if (descriptor < 0 && errno == EISDIR) descriptor = open_unshared(path.c_str(), O_RDONLY | O_DIRECTORY, 0);
  if (descriptor >= 0) return descriptor;
  return fail(ErrorKind::io, fmt::format("cannot open the lock {}: {}", path.string(),
                                         std::generic_category().message(errno)));
}

// What the waiting caller and the thread blocked in flock share. Whoever comes second cleans up.
struct Waiting {
  std::mutex mutex;
  std::condition_variable changed;
  int descriptor = -1;
  bool acquired = false;
  bool abandoned = false;
};

int flock_restarting(int descriptor, int operation) {
  int outcome = ::flock(descriptor, operation);
  while (outcome != 0 && errno == EINTR) outcome = ::flock(descriptor, operation);
  return outcome;
}

// What others do who have no fair waiting: whoever asks at the right moment gets it.
bool locked_by_polling(int descriptor, std::chrono::milliseconds wait) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (std::chrono::steady_clock::now() < deadline) {
    ::poll(nullptr, 0, 10);
    if (flock_restarting(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
  }
  return false;
}

void block_in_flock(const std::shared_ptr<Waiting>& waiting) {
  const bool locked = flock_restarting(waiting->descriptor, LOCK_EX) == 0;
  const std::lock_guard guard(waiting->mutex);
  if (waiting->abandoned) {
    close_unshared(waiting->descriptor);
    return;
  }
  waiting->acquired = locked;
  waiting->changed.notify_one();
}

}  // namespace

Result<FileLock> FileLock::acquire_blocking(const Path& path) {
  PAW_TRY(descriptor, open_lock_file(path));
  FileLock lock(descriptor);
  if (flock_restarting(descriptor, LOCK_EX) == 0) return lock;
  return fail(ErrorKind::io,
              fmt::format("cannot lock {}: {}", path.string(), std::generic_category().message(errno)));
}

Result<FileLock> FileLock::acquire(const Path& path, std::chrono::milliseconds wait) {
  PAW_TRY(descriptor, open_lock_file(path));
  FileLock lock(descriptor);
  if (flock_restarting(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  if (wait.count() == 0) return fail(ErrorKind::busy, fmt::format("another process has {}", path.string()));
  if (sabotaged("lock-polling")) {
    if (locked_by_polling(descriptor, wait)) return lock;
    return fail(ErrorKind::busy, fmt::format("another process has {}", path.string()));
  }
  lock.descriptor_ = -1;  // the thread below has it now
  const auto waiting = std::make_shared<Waiting>();
  waiting->descriptor = descriptor;
  std::thread(block_in_flock, waiting).detach();
  std::unique_lock guard(waiting->mutex);
  waiting->changed.wait_for(guard, wait, [&] { return waiting->acquired; });
  if (waiting->acquired) return FileLock(descriptor);
  waiting->abandoned = true;
  return fail(ErrorKind::busy,
              fmt::format("another process has held {} for more than {} ms", path.string(), wait.count()));
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(forks_, other.forks_);
  return *this;
}

FileLock::~FileLock() {
  // In a child the number may already belong to another file.
  if (descriptor_ < 0 || forks_ != fork_count()) return;
  // A child that was forked a moment ago may not have closed its copy yet, and closing ours alone would leave
  // it the lock. Should unlocking fail, closing is all that is left to do.
  flock_restarting(descriptor_, LOCK_UN);
  close_unshared(descriptor_);
}

}  // namespace pawprint
