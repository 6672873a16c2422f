// The disk as an interface, so that a test can lose every write that was not synced. Errors are of kind `io`,
// name the file and say what the system said. Calls block as long as the file system does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawprint {

using Path = std::filesystem::path;

struct FileStatus {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  unsigned mode = 0;  // permission bits, 07777
  unsigned owner = 0;
  std::uint64_t links = 0;      // names that it has; 0: it was removed, or another file has taken its name
  std::int64_t changed_ns = 0;  // of content, name or mode (ctime), since 1970; 0 from File::status()
  bool is_directory = false;
  bool is_file = false;  // a regular one
};

// What a directory is on, as far as it matters who else may have it open.
struct FileSystem {
  std::string_view name;   // "NFS"; lives for ever
  bool one_kernel = true;  // false: other machines may use it at the same time, so processes that use it need
                           // not share memory, nor see each other's flock
};

// An open file. Closed by the destructor; the descriptor is close-on-exec.
class File {
 public:
  virtual ~File() = default;
  virtual Result<std::string> read_all() = 0;
  // At most `bytes` from `offset` on; fewer only at the end of the file.
  virtual Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) = 0;
  virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  virtual Result<void> sync() = 0;  // data and the metadata needed to read it back (fdatasync)
  virtual Result<void> truncate(std::uint64_t size_bytes) = 0;
  virtual Result<void> set_permissions(unsigned permissions) = 0;  // exactly these, whatever the umask
  virtual Result<FileStatus> status() = 0;
};

// A directory that is open: what is in it is found without the way to it, also after it was moved.
class Directory {
 public:
  virtual ~Directory() = default;
  // As Disk::status of `name`, a path from here.
  virtual Result<std::optional<FileStatus>> status(const std::string& name) = 0;
};

enum class OpenMode { read, read_write, create, create_new };

class Disk {
 public:
  virtual ~Disk() = default;
  // Regular files alone; what else has the name is named in the error, and is not waited for.
  virtual Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode,
                                             unsigned permissions = 0600) = 0;
  virtual Result<std::optional<FileStatus>> status(
      const Path& path) = 0;  // follows links; nullopt: not there
  virtual Result<void> rename(const Path& from, const Path& to) = 0;
  virtual Result<void> remove(const Path& path) = 0;  // not there: no error
  virtual Result<void> make_directories(const Path& path, unsigned permissions) = 0;
  virtual Result<void> sync_directory(const Path& path) = 0;
  // The names in it, in no order, without "." and "..". Not there: none.
  virtual Result<std::vector<std::string>> list(const Path& directory) = 0;
  // Of `path`, or of what is nearest above it if it is not there yet.
  virtual Result<FileSystem> file_system(const Path& path) = 0;
  // By default one that asks status(), so that who changes that changes both. Not for longer than the disk.
  virtual Result<std::unique_ptr<Directory>> directory(const Path& path);
};

class PosixDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode, unsigned permissions) override;
  Result<std::optional<FileStatus>> status(const Path& path) override;
  Result<void> rename(const Path& from, const Path& to) override;
  Result<void> remove(const Path& path) override;
  Result<void> make_directories(const Path& path, unsigned permissions) override;
  Result<void> sync_directory(const Path& path) override;
  Result<std::vector<std::string>> list(const Path& directory) override;
  Result<FileSystem> file_system(const Path& path) override;
  Result<std::unique_ptr<Directory>> directory(const Path& path) override;
};

// The whole content, nullopt if there is no such file.
Result<std::optional<std::string>> read_file(Disk& disk, const Path& path);

// Puts `content` in the place of `path` so that a crash leaves the old file or the new one: temporary file in
// the same directory with `permissions` from its first byte, sync, rename, sync of the directory. The umask
// takes bits away only where there was no file. Temporary files that killed processes left behind for `path`
// go.
Result<void> replace_file(Disk& disk, const Path& path, std::string_view content, unsigned permissions);

}  // namespace pawprint
