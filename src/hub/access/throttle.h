// Counts wrong passwords per (user, account of the address), in memory. Not per user alone, so that nobody
// can lock another out.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string_view>

#include "base/clock_source.h"
#include "base/hash.h"

namespace pawprint::hub::access {

inline constexpr std::size_t kMaxFailures = 10;
inline constexpr std::int64_t kFailureWindowMs = 15 * 60 * 1000;
inline constexpr std::size_t kMaxThrottledPairs = 10'000;

// Thread-safe.
class Throttle {
 public:
  explicit Throttle(ClockSource& clock) : clock_(clock) {}

  // Milliseconds until another attempt is allowed, 0 if it is now.
  std::int64_t wait_ms(std::string_view email, std::string_view address);
  void failed(std::string_view email, std::string_view address);
  void succeeded(std::string_view email, std::string_view address);

 private:
  void make_room(std::int64_t now_ms);
  ClockSource& clock_;
  std::mutex mutex_;
  // By a hash of the pair, so that each takes the same room: when, oldest first; never empty.
  std::map<Digest, std::deque<std::int64_t>> failures_;
};

}  // namespace pawprint::hub::access
