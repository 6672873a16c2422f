#include "base/lock_probe.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/format.h"

namespace pawprint {

namespace {

// -1 with errno. A shared lock, so that two who ask at once do not take each other for the holder.
int holders(int descriptor, LockKind kind) {
  if (kind == LockKind::flock) {
    if (::flock(descriptor, LOCK_SH | LOCK_NB) == 0) return 0;
    return errno == EWOULDBLOCK ? 1 : -1;
  }
  struct flock whole{};
  whole.l_type = F_RDLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(descriptor, F_OFD_GETLK, &whole) != 0) return -1;
  return whole.l_type == F_UNLCK ? 0 : 1;
}

}  // namespace

Result<bool> is_locked(const Path& path, LockKind kind) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR)) return false;
  if (descriptor >= 0) {
    const int found = holders(descriptor, kind);
    const int problem = errno;
    ::close(descriptor);
    if (found >= 0) return found > 0;
    errno = problem;
  }
  auto failed = fail(ErrorKind::io, fmt::format("cannot see whether {} is locked: {}", path.string(),
                                                std::generic_category().message(errno)));
  failed.error().file = path.string();
  return failed;
}

}  // namespace pawprint
