// The limits of the protocol (limits.def).
#pragma once

#include <cstdint>

namespace pawprint::protocol {

#define PAW_LIMIT(name, value, meaning) inline constexpr std::uint64_t name = value;
#include "protocol/limits.def"
#undef PAW_LIMIT

// The highest Lamport value that a client or hub accepts from others at this time (docs/state.md, clock).
constexpr std::uint64_t lamport_ceiling(std::int64_t unix_seconds) {
  constexpr std::int64_t kYear2026 = 1767225600;
  const std::int64_t since = unix_seconds > kYear2026 ? unix_seconds - kYear2026 : 0;
  return (std::uint64_t{1} << 32) + 1'000'000 * static_cast<std::uint64_t>(since);
}

}  // namespace pawprint::protocol
