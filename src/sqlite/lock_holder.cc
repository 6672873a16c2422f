#include "sqlite/lock_holder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/format.h"

namespace pawprint::sqlite {
namespace {

struct Bytes {
  off_t first = 0;
  off_t count = 0;
};
constexpr Bytes kOfDatabase{0x40000000, 512};  // PENDING, RESERVED and SHARED: a reader shares the last
constexpr Bytes kOfWalIndex{120, 1};           // WAL_WRITE_LOCK

Result<std::optional<pid_t>> writer_of(const Path& file, const Bytes& bytes) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return std::nullopt;
  struct flock shared{};
  shared.l_type = F_RDLCK;
  shared.l_whence = SEEK_SET;
  shared.l_start = bytes.first;
  shared.l_len = bytes.count;
  const bool asked = descriptor >= 0 && ::fcntl(descriptor, F_GETLK, &shared) == 0;
  const int why = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!asked) {
    return fail(ErrorKind::io, fmt::format("cannot see whether {} is locked: {}", file.string(),
                                           std::generic_category().message(why)));
  }
  if (shared.l_type == F_UNLCK) return std::nullopt;
  return shared.l_pid;
}

}  // namespace

Result<std::optional<pid_t>> lock_holder(const Path& database) {
  PAW_TRY(of_database, writer_of(database, kOfDatabase));
  if (of_database) return of_database;
  return writer_of(database.string() + "-shm", kOfWalIndex);
}

}  // namespace pawprint::sqlite
