// Bounds how many password checks run at once: each takes 19 MiB and a core.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>

namespace pawprint::hub::access {

inline constexpr std::size_t kMaxPasswordChecks = 2;
inline constexpr std::size_t kMaxWaitingPasswordChecks = 32;

// Thread-safe.
class PasswordGate {
 public:
  class Pass {
   public:
    explicit Pass(PasswordGate& gate) : gate_(&gate) {}
    Pass(Pass&& other) noexcept : gate_(other.gate_) { other.gate_ = nullptr; }
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_ != nullptr) gate_->leave();
    }

   private:
    PasswordGate* gate_;
  };

  // Waits for its turn; nullopt at once if too many are waiting already.
  std::optional<Pass> enter();

 private:
  void leave();
  std::mutex mutex_;
  std::condition_variable turn_;
  std::size_t running_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace pawprint::hub::access
