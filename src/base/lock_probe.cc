#include "base/lock_probe.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/format.h"

namespace pawprint {

// A shared lock, so that two who ask at once do not take each other for the holder.
Result<bool> is_locked(const Path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return false;
  if (descriptor >= 0) {
    const int outcome = ::flock(descriptor, LOCK_SH | LOCK_NB);
    const int problem = errno;
    ::close(descriptor);
    if (outcome == 0) return false;
    if (problem == EWOULDBLOCK) return true;
    errno = problem;
  }
  return fail(ErrorKind::io, fmt::format("cannot see whether {} is locked: {}", path.string(),
                                         std::generic_category().message(errno)));
}

}  // namespace pawprint
