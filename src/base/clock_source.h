// Where the time comes from. Tests inject a clock that they move by hand.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pawprint {

class ClockSource {
 public:
  virtual ~ClockSource() = default;
  virtual std::int64_t unix_ms() = 0;       // wall clock, UTC, may jump
  virtual std::int64_t monotonic_ms() = 0;  // never goes back, counts suspended time; zero point unspecified
};

class SystemClock final : public ClockSource {
 public:
  std::int64_t unix_ms() override;
  std::int64_t monotonic_ms() override;
};

// A clock that stands still until it is told to move. For tests and simulations.
class ManualClock final : public ClockSource {
 public:
  explicit ManualClock(std::int64_t start_unix_ms) : unix_ms_(start_unix_ms) {}
  std::int64_t unix_ms() override { return unix_ms_; }
  std::int64_t monotonic_ms() override { return monotonic_ms_; }
  void advance_ms(std::int64_t by) { unix_ms_ += by, monotonic_ms_ += by; }
  void jump_wall_ms(std::int64_t by) { unix_ms_ += by; }

 private:
  std::int64_t unix_ms_;
  std::int64_t monotonic_ms_ = 0;
};

// RFC 3339 in UTC with milliseconds: 2026-02-03T12:00:00.000Z
std::string rfc3339_utc(std::int64_t unix_ms);

}  // namespace pawprint
