// How a delivery ended, in numbers and in one word.
#pragma once

#include <cstdint>
#include <string_view>

namespace pawprint::sync {

enum class StopReason { empty, not_signed_in, rate_limited, refused, unreachable, failed, interrupted };

// "empty", "not_signed_in", ...
std::string_view name_of(StopReason reason);

// Of two links that ended differently, how the delivery as a whole ended: the later one in the list above.
constexpr StopReason graver(StopReason one, StopReason other) {
  return one < other ? other : one;
}

// Events adjudicated so far.
struct Tally {
  std::uint64_t success = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t parked = 0;
};

}  // namespace pawprint::sync
