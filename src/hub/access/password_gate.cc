#include "hub/access/password_gate.h"

namespace pawprint::hub::access {

std::optional<PasswordGate::Pass> PasswordGate::enter() {
  std::unique_lock lock(mutex_);
  if (running_ >= kMaxPasswordChecks) {
    if (waiting_ >= kMaxWaitingPasswordChecks) return std::nullopt;
    ++waiting_;
    turn_.wait(lock, [this] { return running_ < kMaxPasswordChecks; });
    --waiting_;
  }
  ++running_;
  return std::optional<Pass>(std::in_place, *this);
}

void PasswordGate::leave() {
  {
    const std::lock_guard lock(mutex_);
    --running_;
  }
  turn_.notify_one();
}

}  // namespace pawprint::hub::access
