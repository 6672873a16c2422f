// A disk, and a file, that do what the one below them does, for tests that change one call.
#pragma once

#include "base/disk.h"

namespace pawprint {

class FileAbove : public File {
 public:
  explicit FileAbove(std::unique_ptr<File> below) : below_(std::move(below)) {}
  Result<std::string> read_all() override { return below_->read_all(); }
  Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) override {
    return below_->read_at(offset, bytes);
  }
  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    return below_->write_at(offset, bytes);
  }
  Result<void> sync() override { return below_->sync(); }
  Result<void> truncate(std::uint64_t size_bytes) override { return below_->truncate(size_bytes); }
  Result<void> set_permissions(unsigned permissions) override { return below_->set_permissions(permissions); }
  Result<FileStatus> status() override { return below_->status(); }

 protected:
  std::unique_ptr<File> below_;
};

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
