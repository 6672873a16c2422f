// A disk that does what the one below it does, for tests that change one call of it.
#pragma once

#include "base/disk.h"

namespace pawprint {

class DiskAbove : public Disk {
 public:
  explicit DiskAbove(Disk& below) : below_(below) {}
  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode, unsigned permissions) override {
    return below_.open(path, mode, permissions);
  }
  Result<std::optional<FileStatus>> status(const Path& path) override { return below_.status(path); }
  Result<void> rename(const Path& from, const Path& to) override { return below_.rename(from, to); }
  Result<void> remove(const Path& path) override { return below_.remove(path); }
  Result<void> make_directories(const Path& path, unsigned permissions) override {
    return below_.make_directories(path, permissions);
  }
  Result<void> sync_directory(const Path& path) override { return below_.sync_directory(path); }
  Result<std::vector<std::string>> list(const Path& directory) override { return below_.list(directory); }
  Result<FileSystem> file_system(const Path& path) override { return below_.file_system(path); }

 protected:
  Disk& below_;
};

}  // namespace pawprint
