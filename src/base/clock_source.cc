#include "base/clock_source.h"

#include <string_view>

namespace pawprint {
namespace {

// By hand, since every event carries one: `width` digits and what stands behind them.
void append_digits(std::string& out, unsigned value, std::size_t width, std::string_view behind) {
  out.resize(out.size() + width);
  for (std::size_t digit = 1; digit <= width; ++digit, value /= 10) {
    out[out.size() - digit] = static_cast<char>('0' + value % 10);
  }
  out += behind;
}

}  // namespace

std::int64_t SystemClock::unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::int64_t SystemClock::monotonic_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string rfc3339_utc(std::int64_t unix_ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> when{std::chrono::milliseconds(unix_ms)};
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{when - day};
  std::string out;
  out.reserve(sizeof "2026-02-03T12:00:00.000Z");
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4, "-");
  append_digits(out, static_cast<unsigned>(date.month()), 2, "-");
  append_digits(out, static_cast<unsigned>(date.day()), 2, "T");
  append_digits(out, static_cast<unsigned>(time.hours().count()), 2, ":");
  append_digits(out, static_cast<unsigned>(time.minutes().count()), 2, ":");
  append_digits(out, static_cast<unsigned>(time.seconds().count()), 2, ".");
  append_digits(out, static_cast<unsigned>(time.subseconds().count()), 3, "Z");
  return out;
}

}  // namespace pawprint
