// How long a lock is waited for: for itself alone, or out of what several locks have together.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/sabotage.h"

namespace pawprint {

// Where nobody says otherwise.
inline constexpr std::chrono::milliseconds kLockWait{250};

// What several locks may be waited for together; each wait takes of it.
struct WaitBudget {
  std::chrono::nanoseconds left{0};
};

class LockWait {
 public:
  // Each lock so long.
  template <class Rep, class Period>
  LockWait(std::chrono::duration<Rep, Period> each)  // NOLINT(google-explicit-constructor)
      : each_(each) {}
  // What is left of the budget, but for what is kept for other locks. It has to outlive this.
  explicit LockWait(WaitBudget& shared, std::chrono::nanoseconds kept = {}) : shared_(&shared), kept_(kept) {}

  std::chrono::milliseconds most() const {
    const auto most = shared_ == nullptr ? each_ : shared_->left - std::min(kept_, shared_->left);
    return std::chrono::duration_cast<std::chrono::milliseconds>(most);
  }
  // Who is woken up late has waited for the machine.
  void spend(std::chrono::nanoseconds waited) {
    if (shared_ == nullptr || sabotaged("wait-for-each-lock")) return;
    shared_->left -= std::min<std::chrono::nanoseconds>(waited, most());
  }

 private:
  std::chrono::nanoseconds each_{0};
  WaitBudget* shared_ = nullptr;
  std::chrono::nanoseconds kept_{0};
};

}  // namespace pawprint
