// The real disk, said to be on a file system that several machines may use.
#pragma once

#include "base/disk_above_for_test.h"

namespace pawprint::testing {

class NetworkDisk final : public DiskAbove {
 public:
  using DiskAbove::DiskAbove;
  Result<FileSystem> file_system(const Path&) override { return FileSystem{"NFS", false}; }
};

}  // namespace pawprint::testing
