#include "base/held_directory.h"

namespace pawprint {

namespace {

constexpr std::int64_t kHeldMs = 1'000;

}  // namespace

bool HeldDirectory::is_due(std::int64_t now_ms) const {
  return !looked_ms_ || now_ms - *looked_ms_ >= kHeldMs;
}

Result<std::optional<FileStatus>> HeldDirectory::status(const std::string& name) {
  const std::int64_t now_ms = clock_->monotonic_ms();
  if (!is_due(now_ms)) {
    if (!open_) {
      auto opened = disk_->directory(path_);
      if (opened) open_ = *std::move(opened);
    }
    // What is in the way of a directory that is open may not be in the way of the one that has its name.
    auto found = open_ ? open_->status(name) : disk_->status(path_ / name);
    return found || !open_ ? found : disk_->status(path_ / name);
  }
  open_.reset();
  PAW_TRY(found, disk_->status(path_ / name));
  looked_ms_ = now_ms;
  return found;
}

}  // namespace pawprint
