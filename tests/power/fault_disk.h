// The disk of a Machine: does what the real one does, as long as the machine lets it.
#pragma once

#include "base/disk_above_for_test.h"
#include "power/machine.h"

namespace pawprint::power {

class FaultDisk final : public DiskAbove {
 public:
  FaultDisk(Disk& below, Machine& machine) : DiskAbove(below), machine_(machine) {}
  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode, unsigned permissions) override;
  Result<std::optional<FileStatus>> status(const Path& path) override;
  Result<void> rename(const Path& from, const Path& to) override;
  Result<void> remove(const Path& path) override;
  Result<void> make_directories(const Path& path, unsigned permissions) override;
  Result<void> sync_directory(const Path& path) override;
  Result<std::vector<std::string>> list(const Path& directory) override;
  Result<FileSystem> file_system(const Path&) override { return kind; }

  FileSystem kind{"local", true};

 private:
  Machine& machine_;
};

}  // namespace pawprint::power
