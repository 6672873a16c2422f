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

}  // namespace pawprint::hub::store
