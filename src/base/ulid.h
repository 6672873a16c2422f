// ULIDs (github.com/ulid/spec): 48 bits of Unix milliseconds and 80 random bits in Crockford base32, 26
// characters.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock_source.h"
#include "base/random.h"

namespace pawprint {

using UlidRandom = std::array<std::uint8_t, 10>;

// The text of a ULID; only the low 48 bits of `unix_ms` count.
std::string ulid_text(std::uint64_t unix_ms, const UlidRandom& random);

// The upper-case form of a ULID in either case, nullopt if it is not one (first character above '7'
// included).
std::optional<std::string> normalised_ulid(std::string_view text);

// Makes ULIDs that rise strictly within one generator: within a millisecond, and when the wall clock steps
// back, the random part of the last one is incremented; if that overflows, the millisecond is. Thread-safe.
// It draws its randomness ahead: a forked child needs one of its own, else it makes the ULIDs of its parent.
class UlidGenerator {
 public:
  UlidGenerator(ClockSource& clock, Random& random) : clock_(clock), random_(random) {}
  std::string next();

 private:
  void draw();

  ClockSource& clock_;
  Random& random_;
  std::mutex mutex_;
  std::array<UlidRandom, 16> drawn_{};
  std::size_t used_ = drawn_.size();
  std::uint64_t last_ms_ = 0;
  UlidRandom last_{};
};

}  // namespace pawprint
