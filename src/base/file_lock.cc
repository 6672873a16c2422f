#include "base/file_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
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
  LockKind kind = LockKind::flock;
  bool acquired = false;
  bool abandoned = false;
};

// `operation` as for flock: LOCK_EX, LOCK_EX | LOCK_NB, LOCK_UN.
int lock_once(int descriptor, LockKind kind, int operation) {
  if (kind == LockKind::flock) return ::flock(descriptor, operation);
  struct flock whole{};
  whole.l_type = operation == LOCK_UN ? F_UNLCK : F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(descriptor, (operation & LOCK_NB) != 0 ? F_OFD_SETLK : F_OFD_SETLKW, &whole);
}

int lock_restarting(int descriptor, LockKind kind, int operation) {
  int outcome = lock_once(descriptor, kind, operation);
  while (outcome != 0 && errno == EINTR && !sabotaged("signals-end-waiting"))
    outcome = lock_once(descriptor, kind, operation);
  return outcome;
}

// While it stands, time is taken off what may be waited.
class Spending {
 public:
  explicit Spending(LockWait& wait) : wait_(wait) {}
  Spending(const Spending&) = delete;
  Spending& operator=(const Spending&) = delete;
  ~Spending() { wait_.spend(std::chrono::steady_clock::now() - began_); }

 private:
  LockWait& wait_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

// What others do who have no fair waiting: whoever asks at the right moment gets it.
bool locked_by_polling(int descriptor, LockKind kind, std::chrono::milliseconds wait) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (std::chrono::steady_clock::now() < deadline) {
    ::poll(nullptr, 0, 10);
    if (lock_restarting(descriptor, kind, LOCK_EX | LOCK_NB) == 0) return true;
  }
  return false;
}

// The lock is mostly held for less than a thread that waits would cost. Nobody stands still for it: on each
// turn, whoever else can run does.
bool locked_in_passing(int descriptor) {
  constexpr int kTurns = 16;
  for (int turn = 0; turn < kTurns; ++turn) {
    ::sched_yield();
    if (lock_restarting(descriptor, LockKind::flock, LOCK_EX | LOCK_NB) == 0) return true;
  }
  return false;
}

void block_in_lock(const std::shared_ptr<Waiting>& waiting) {
  const bool locked = lock_restarting(waiting->descriptor, waiting->kind, LOCK_EX) == 0;
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
  FileLock lock(descriptor, LockKind::flock);
  if (lock_restarting(descriptor, LockKind::flock, LOCK_EX) == 0) return lock;
  return fail(ErrorKind::io,
              fmt::format("cannot lock {}: {}", path.string(), std::generic_category().message(errno)));
}

Result<LockKind> lock_kind_for(Disk& disk, const Path& path) {
  PAW_TRY(file_system, disk.file_system(path));
  return file_system.one_kernel ? LockKind::flock : LockKind::record;
}

Result<FileLock> FileLock::acquire(const Path& path, LockWait wait, LockKind kind) {
  PAW_TRY(descriptor, open_lock_file(path));
  FileLock lock(descriptor, kind);
  if (lock_restarting(descriptor, kind, LOCK_EX | LOCK_NB) == 0) return lock;
  const std::chrono::milliseconds most = wait.most();
  if (most.count() == 0) return fail(ErrorKind::busy, fmt::format("another process has {}", path.string()));
  const Spending spending(wait);
  if (sabotaged("lock-polling")) {
    if (locked_by_polling(descriptor, kind, most)) return lock;
    return fail(ErrorKind::busy, fmt::format("another process has {}", path.string()));
  }
  // A record lock is not asked for in passing: on a network each time is a question to a server.
  if (kind == LockKind::flock && locked_in_passing(descriptor)) return lock;
  lock.descriptor_ = -1;  // the thread below has it now
  const auto waiting = std::make_shared<Waiting>();
  waiting->descriptor = descriptor;
  waiting->kind = kind;
  std::thread(block_in_lock, waiting).detach();
  std::unique_lock guard(waiting->mutex);
  waiting->changed.wait_for(guard, most, [&] { return waiting->acquired; });
  if (waiting->acquired) return FileLock(descriptor, kind);
  waiting->abandoned = true;
  return fail(ErrorKind::busy,
              fmt::format("another process has held {} for more than {} ms", path.string(), most.count()));
}

bool FileLock::locked_at_once(int descriptor, LockKind kind) {
  return lock_restarting(descriptor, kind, LOCK_EX | LOCK_NB) == 0;
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(kind_, other.kind_);
  std::swap(forks_, other.forks_);
  std::swap(keep_, other.keep_);
  return *this;
}

FileLock::~FileLock() {
  // In a child the number may already belong to another file.
  if (descriptor_ < 0 || forks_ != fork_count()) return;
  // A child that was forked a moment ago may not have closed its copy yet, and closing ours alone would leave
  // it the lock. Should unlocking fail, closing is all that is left to do.
  lock_restarting(descriptor_, kind_, LOCK_UN);
  if (keep_ == Keep::nothing) close_unshared(descriptor_);
}

}  // namespace pawprint
