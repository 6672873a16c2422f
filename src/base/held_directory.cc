#include "base/held_directory.h"

namespace pawprint {

namespace {

constexpr std::int64_t kHeldMs = 1'000;

}  // namespace

Result<std::optional<FileStatus>> HeldDirectory::status(const std::string& name) {
  const std::int64_t now_ms = clock_->monotonic_ms();
  if (looked_ms_ && now_ms - *looked_ms_ < kHeldMs) {
    if (!open_) {
      auto opened = disk_->directory(path_);
      if (!opened)
        return disk_->status(path_ / name);  // which says it, if there is more to say than "not there"
      open_ = *std::move(opened);
    }
    return open_->status(name);
  }
  open_.reset();
  PAW_TRY(found, disk_->status(path_ / name));
  looked_ms_ = now_ms;
  return found;
}

}  // namespace pawprint
