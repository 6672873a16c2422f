#include "hub/store/disk_room.h"

#include <filesystem>
#include <system_error>

#include "base/format.h"

namespace pawprint::hub::store {

Result<std::uint64_t> DiskRoom::free_bytes() const {
  std::error_code failed;
  const auto space = std::filesystem::space(directory_, failed);
  if (!failed) return space.available;
  return fail(ErrorKind::io, fmt::format("cannot ask how much room the disk of {} has: {}",
                                         directory_.string(), failed.message()));
}

Result<void> DiskRoom::check() const {
  const std::uint64_t floor_bytes = floor_bytes_;
  if (floor_bytes == 0) return {};
  PAW_TRY(free, free_bytes());
  if (free >= floor_bytes) return {};
  return fail(ErrorKind::failed, fmt::format("the disk of {} has {} bytes free, and {} are to be kept",
                                             directory_.string(), free, floor_bytes));
}

Result<std::uint64_t> bytes_of_database(Disk& disk, const Path& data_directory) {
  std::uint64_t bytes = 0;
  for (const char* name : {"hub.db", "hub.db-wal"}) {
    PAW_TRY(status, disk.status(data_directory / name));
    if (status) bytes += status->size_bytes;
  }
  return bytes;
}

}  // namespace pawprint::hub::store
