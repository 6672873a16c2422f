#include "outbox/home_watch.h"

#include <atomic>
#include <utility>

#include "base/sabotage.h"

namespace pawprint::outbox {
namespace {

// File systems note the time of a change with the grain of the kernel's clock, at most 10 ms.
constexpr std::int64_t kSettledAfterMs = 100;

}  // namespace

HomeWatch::HomeWatch(const Environment& environment, Path home)
    : environment_(&environment), home_(std::move(home)) {}

bool HomeWatch::unchanged() {
  if (!directory_) return false;
  if (sabotaged("home-names-believed")) return true;
  const auto now = directory_->status_with_times();
  return now && now->links > 0 && now->changed_ns == seen_.changed_ns;
}

void HomeWatch::look_anew() {
  static std::atomic<std::uint64_t> looks = 0;
  number_ = ++looks;  // not that of another watch either
  directory_.reset();
  settled_ = false;
  const auto system = environment_->disk->file_system(home_);
  one_kernel_ = system && system->one_kernel;
  if (!one_kernel_) return;
  auto opened = environment_->disk->open(home_, OpenMode::read);
  if (!opened) return;
  const auto status = (*opened)->status_with_times();
  if (!status || !status->is_directory) return;
  directory_ = *std::move(opened);
  seen_ = *status;
  relied_on_from_ms_ = environment_->clock->monotonic_ms() + kSettledAfterMs;
}

std::optional<std::uint64_t> HomeWatch::names() {
  if (!std::exchange(asked_, true) || !one_kernel_) return std::nullopt;
  if (!unchanged()) look_anew();
  if (!directory_) return std::nullopt;
  settled_ = settled_ || environment_->clock->monotonic_ms() >= relied_on_from_ms_;
  if (!settled_) return std::nullopt;
  return number_;
}

}  // namespace pawprint::outbox
