#include "base/lock_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/format.h"
#include "base/sabotage.h"

namespace pawprint {

namespace {

bool is_regular(int descriptor) {
  struct statx status{};
  return ::statx(descriptor, "", AT_EMPTY_PATH, STATX_TYPE, &status) == 0 && S_ISREG(status.stx_mode);
}

}  // namespace

LockFile::LockFile(LockFile&& other) noexcept
    : path_(std::move(other.path_)),
      kind_(other.kind_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      forks_(other.forks_) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(kind_, other.kind_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(forks_, other.forks_);
  return *this;
}

LockFile::~LockFile() {
  close();
}

void LockFile::close() {
  if (descriptor_ >= 0 && forks_ == fork_count()) close_unshared(descriptor_);
  descriptor_ = -1;
}

// A file without a name locks out nobody who comes now.
bool LockFile::has_name() const {
  struct statx status{};  // without the times: the next write would note them exactly
  return descriptor_ >= 0 && forks_ == fork_count() &&
         ::statx(descriptor_, "", AT_EMPTY_PATH, STATX_NLINK, &status) == 0 && status.stx_nlink > 0;
}

Result<FileLock> LockFile::acquire(Disk& disk, LockWait wait) {
  if (sabotaged("no-home-lock"))
    return FileLock::acquire(fmt::format("{}.{}", path_.string(), ::getpid()), wait);
  if (!kind_) {
    PAW_TRY(kind, lock_kind_for(disk, path_));
    kind_ = kind;
  }
  const auto reopen = [&] {
    close();
    forks_ = fork_count();
    descriptor_ = open_unshared(path_.c_str(), O_RDWR | O_CREAT, 0600);  // else every holding opens its own
    if (descriptor_ >= 0 && !is_regular(descriptor_)) close();
  };
  if (descriptor_ < 0 || forks_ != fork_count()) reopen();
  if (descriptor_ >= 0 && FileLock::locked_at_once(descriptor_, *kind_)) {
    FileLock lock(descriptor_, *kind_, FileLock::Keep::open);
    if (has_name()) return lock;
  }
  PAW_TRY(lock, FileLock::acquire(path_, wait, *kind_));
  if (!has_name()) reopen();
  return lock;
}

Result<std::string> LockFile::read(std::size_t bytes) const {
  if (descriptor_ < 0) return "";
  std::string content(bytes, '\0');
  const ssize_t got = ::pread(descriptor_, content.data(), bytes, 0);
  if (got < 0) {
    return fail(ErrorKind::io,
                fmt::format("cannot read {}: {}", path_.string(), std::generic_category().message(errno)));
  }
  content.resize(static_cast<std::size_t>(got));
  return content;
}

Result<void> LockFile::write(std::string_view content) const {
  if (descriptor_ < 0) return {};
  const ssize_t written = ::pwrite(descriptor_, content.data(), content.size(), 0);
  if (written == static_cast<ssize_t>(content.size())) return {};
  return fail(ErrorKind::io, fmt::format("cannot write {}: {}", path_.string(),
                                         std::generic_category().message(written < 0 ? errno : ENOSPC)));
}

}  // namespace pawprint
