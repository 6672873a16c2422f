#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include "base/disk.h"
#include "base/format.h"
#include "base/shell_word.h"

namespace pawprint {
namespace {

std::string command_that_moves_away(const Path& path) {
  return fmt::format("mv {} {}", shell_word(path.string()), shell_word(path.string() + ".other"));
}

// The symbolic link on the way to `path` that is why there is nothing; nullopt: there is none.
std::optional<Path> broken_link(const Path& path) {
  for (Path at = path;; at = at.parent_path()) {
    struct stat raw{};
    if (::lstat(at.c_str(), &raw) == 0)
      return S_ISLNK(raw.st_mode) && ::stat(at.c_str(), &raw) != 0 ? std::optional(at) : std::nullopt;
    if (at == at.parent_path()) return std::nullopt;
  }
}

std::unexpected<Error> io_error(std::string_view verb, const Path& path, int code) {
  Error error;
  error.kind = ErrorKind::io;
  error.message = fmt::format("cannot {} {}: {}", verb, path.string(), std::generic_category().message(code));
  error.file = path.string();
  const bool is_of_names = code == ENOENT || code == ELOOP || code == EEXIST || code == ENOTDIR;
  if (const auto link = is_of_names ? broken_link(path) : std::nullopt) {
    error.message = fmt::format("cannot {} {}: {} is a symbolic link that leads to nothing", verb,
                                path.string(), *link == path ? "it" : link->string());
    struct stat raw{};
    const bool is_loop = ::stat(link->c_str(), &raw) != 0 && errno == ELOOP;
    // Else it may lead to a disk that is not mounted.
    error.hint = is_loop ? command_that_moves_away(*link) : "ls -l " + shell_word(link->string());
  }
  return std::unexpected(std::move(error));
}

std::string_view name_of_type(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "a directory";
    case S_IFREG:
      return "a file";
    case S_IFIFO:
      return "a named pipe";
    case S_IFSOCK:
      return "a socket";
    default:
      return "a device";
  }
}

// A device is everybody's; a link to one may be moved, but not those that the system has in /dev.
bool may_be_moved(const Path& path) {
  struct stat named{};
  if (::lstat(path.c_str(), &named) != 0 || S_ISCHR(named.st_mode) || S_ISBLK(named.st_mode)) return false;
  return !path.lexically_normal().string().starts_with("/dev/");
}

std::unexpected<Error> other_than(std::string_view wanted, const Path& path, mode_t mode) {
  Error error;
  error.kind = ErrorKind::io;
  error.message = fmt::format("cannot open {}: it is {}, not {}", path.string(), name_of_type(mode), wanted);
  error.hint = may_be_moved(path) ? command_that_moves_away(path) : "ls -l " + shell_word(path.string());
  error.file = path.string();
  return std::unexpected(std::move(error));
}

FileStatus status_of(const struct stat& raw) {
  FileStatus status;
  status.device = raw.st_dev;
  status.inode = raw.st_ino;
  status.size_bytes = static_cast<std::uint64_t>(raw.st_size);
  status.mode = raw.st_mode & 07777U;
  status.owner = raw.st_uid;
  status.links = raw.st_nlink;
  status.changed_ns = std::int64_t{raw.st_ctim.tv_sec} * 1'000'000'000 + raw.st_ctim.tv_nsec;
  status.is_directory = S_ISDIR(raw.st_mode);
  status.is_file = S_ISREG(raw.st_mode);
  return status;
}

class PosixDirectory final : public Directory {
 public:
  PosixDirectory(int descriptor, Path path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PosixDirectory() override { ::close(descriptor_); }
  PosixDirectory(const PosixDirectory&) = delete;
  PosixDirectory& operator=(const PosixDirectory&) = delete;

  Result<std::optional<FileStatus>> status(const std::string& name) override {
    struct stat raw{};
    if (::fstatat(descriptor_, name.c_str(), &raw, 0) == 0) return status_of(raw);
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return io_error("read", path_ / name, errno);
  }

 private:
  int descriptor_;
  Path path_;
};

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, Path path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PosixFile() override { ::close(descriptor_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Result<std::string> read_all() override {
    PAW_TRY(size, status());
    std::string content(size.size_bytes + 1, '\0');
    std::size_t filled = 0;
    for (;;) {
      const ssize_t got =
          ::pread(descriptor_, content.data() + filled, content.size() - filled, static_cast<off_t>(filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return io_error("read", path_, errno);
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
      if (filled == size.size_bytes) break;  // no more than it said a moment ago
      if (filled == content.size()) content.resize(content.size() * 2);
    }
    content.resize(filled);
    return content;
  }

  Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) override {
    std::string content(bytes, '\0');
    std::size_t filled = 0;
    while (filled < bytes) {
      const ssize_t got =
          ::pread(descriptor_, content.data() + filled, bytes - filled, static_cast<off_t>(offset + filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return io_error("read", path_, errno);
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    content.resize(filled);
    return content;
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return io_error("write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(put));
      offset += static_cast<std::uint64_t>(put);
    }
    return {};
  }

  Result<void> sync() override {
    // A sync that a signal interrupts has lost nothing; any other failure has, and asking again would lie.
    while (::fdatasync(descriptor_) != 0) {
      if (errno != EINTR) return io_error("sync", path_, errno);
    }
    return {};
  }

  Result<void> truncate(std::uint64_t size_bytes) override {
    while (::ftruncate(descriptor_, static_cast<off_t>(size_bytes)) != 0) {
      if (errno != EINTR) return io_error("truncate", path_, errno);
    }
    return {};
  }

  Result<void> set_permissions(unsigned permissions) override {
    if (::fchmod(descriptor_, permissions) != 0) return io_error("set the permissions of", path_, errno);
    return {};
  }

  // Without the times: who has asked for those makes the next write note them exactly, which costs as much as
  // the write.
  Result<FileStatus> status() override {
    struct statx raw{};
    constexpr unsigned kWithoutTimes =
        STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_UID | STATX_INO | STATX_SIZE;
    if (::statx(descriptor_, "", AT_EMPTY_PATH, kWithoutTimes, &raw) != 0)
      return io_error("read", path_, errno);
    FileStatus status;
    status.device = ::makedev(raw.stx_dev_major, raw.stx_dev_minor);
    status.inode = raw.stx_ino;
    status.size_bytes = raw.stx_size;
    status.mode = raw.stx_mode & 07777U;
    status.owner = raw.stx_uid;
    status.links = raw.stx_nlink;
    status.is_directory = S_ISDIR(raw.stx_mode);
    status.is_file = S_ISREG(raw.stx_mode);
    return status;
  }

 private:
  int descriptor_;
  Path path_;
};

int open_restarting(const Path& path, int flags, unsigned permissions) {
  int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, permissions);
  while (descriptor < 0 && errno == EINTR) descriptor = ::open(path.c_str(), flags | O_CLOEXEC, permissions);
  return descriptor;
}

// Nobody may come to a pipe's other end, and a terminal is not to become ours. A file that another program
// has on lease is to be waited for.
int open_without_waiting(const Path& path, int flags, unsigned permissions) {
  const int descriptor = open_restarting(path, flags | O_NONBLOCK | O_NOCTTY, permissions);
  if (descriptor >= 0 || errno != EWOULDBLOCK) return descriptor;
  return open_restarting(path, flags, permissions);
}

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::read:
      return O_RDONLY;
    case OpenMode::read_write:
      return O_RDWR;
    case OpenMode::create:
      return O_RDWR | O_CREAT;
    case OpenMode::create_new:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

// The names are those of statfs(2). FUSE is among them because virtiofs and sshfs show themselves as it.
struct Shared {
  std::uint32_t magic;
  std::string_view name;
};
constexpr std::array kSharedByMachines = {
    Shared{NFS_SUPER_MAGIC, "NFS"},     Shared{SMB_SUPER_MAGIC, "SMB"},   Shared{CIFS_SUPER_MAGIC, "CIFS"},
    Shared{SMB2_SUPER_MAGIC, "SMB"},    Shared{V9FS_MAGIC, "9p"},         Shared{FUSE_SUPER_MAGIC, "FUSE"},
    Shared{AFS_SUPER_MAGIC, "AFS"},     Shared{CEPH_SUPER_MAGIC, "Ceph"}, Shared{CODA_SUPER_MAGIC, "Coda"},
    Shared{OCFS2_SUPER_MAGIC, "OCFS2"}, Shared{0x01161970, "GFS2"},       Shared{0x0BD00BD0, "Lustre"},
    Shared{0x786F4256, "vboxsf"},
};

}  // namespace

Result<std::unique_ptr<File>> PosixDisk::open(const Path& path, OpenMode mode, unsigned permissions) {
  const int descriptor = open_without_waiting(path, open_flags(mode), permissions);
  if (descriptor < 0) {
    const int code = errno;
    struct stat named{};
    const bool other = code != EEXIST && ::stat(path.c_str(), &named) == 0 && !S_ISREG(named.st_mode);
    return other ? other_than("a file", path, named.st_mode) : io_error("open", path, code);
  }
  auto file = std::make_unique<PosixFile>(descriptor, path);
  struct statx raw{};
  if (::statx(descriptor, "", AT_EMPTY_PATH, STATX_TYPE, &raw) != 0) return io_error("open", path, errno);
  if (!S_ISREG(raw.stx_mode)) return other_than("a file", path, raw.stx_mode);
  return file;
}

Result<std::optional<FileStatus>> PosixDisk::status(const Path& path) {
  struct stat raw{};
  if (::stat(path.c_str(), &raw) == 0) return status_of(raw);
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  return io_error("read", path, errno);
}

Result<std::unique_ptr<Directory>> PosixDisk::directory(const Path& path) {
  const int descriptor = ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return io_error("open", path, errno);
  return std::make_unique<PosixDirectory>(descriptor, path);
}

Result<void> PosixDisk::rename(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return io_error("replace", to, errno);
  return {};
}

Result<void> PosixDisk::remove(const Path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return io_error("remove", path, errno);
  return {};
}

Result<void> PosixDisk::make_directories(const Path& path, unsigned permissions) {
  if (::mkdir(path.c_str(), permissions) == 0) return {};
  if (errno == ENOENT && path.has_parent_path() && path.parent_path() != path) {
    PAW_TRY(parent, make_directories(path.parent_path(), permissions));
    if (::mkdir(path.c_str(), permissions) == 0) return {};
  }
  const int code = errno;
  struct stat raw{};
  if (code != EEXIST || ::stat(path.c_str(), &raw) != 0) return io_error("create directory", path, code);
  if (S_ISDIR(raw.st_mode)) return {};
  auto other = other_than("a directory", path, raw.st_mode);
  if (!may_be_moved(path)) other.error().hint.clear();  // another directory is to be named
  return other;
}

Result<void> PosixDisk::sync_directory(const Path& path) {
  const int descriptor = open_restarting(path, O_RDONLY | O_DIRECTORY, 0);
  if (descriptor < 0) return io_error("open", path, errno);
  int outcome = ::fsync(descriptor);
  while (outcome != 0 && errno == EINTR) outcome = ::fsync(descriptor);
  const int code = errno;
  ::close(descriptor);
  if (outcome != 0) return io_error("sync", path, code);
  return {};
}

Result<std::vector<std::string>> PosixDisk::list(const Path& directory) {
  std::vector<std::string> names;
  std::error_code failed;
  std::filesystem::directory_iterator entry(directory, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed))
    names.push_back(entry->path().filename().string());
  if (!failed || failed == std::errc::no_such_file_or_directory) return names;
  struct stat named{};
  const bool other = ::stat(directory.c_str(), &named) == 0 && !S_ISDIR(named.st_mode);
  return other ? other_than("a directory", directory, named.st_mode)
               : io_error("read", directory, failed.value());
}

Result<FileSystem> PosixDisk::file_system(const Path& path) {
  struct statfs raw{};
  for (Path at = path; ::statfs(at.c_str(), &raw) != 0; at = at.parent_path()) {
    if (errno == EINTR) continue;
    if ((errno != ENOENT && errno != ENOTDIR) || at == at.parent_path())
      return io_error("see the file system of", path, errno);
  }
  const auto magic = static_cast<std::uint32_t>(raw.f_type);
  const auto shared = std::ranges::find(kSharedByMachines, magic, &Shared::magic);
  if (shared == kSharedByMachines.end()) return FileSystem{"local", true};
  return FileSystem{shared->name, false};
}

}  // namespace pawprint
