#include "base/clock_source.h"

#include <ctime>

namespace pawprint {
namespace {

// By hand, since every event carries one: the digits of `value` in the place of those that end before `end`.
void put_digits(char* end, unsigned value, int width) {
  for (; width > 0; --width, value /= 10) *--end = static_cast<char>('0' + value % 10);
}

}  // namespace

std::int64_t SystemClock::unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::int64_t SystemClock::monotonic_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);  // CLOCK_MONOTONIC stands still while the machine is suspended
  const auto since = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

std::string rfc3339_utc(std::int64_t unix_ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> when{std::chrono::milliseconds(unix_ms)};
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{when - day};
  std::string out = "0000-00-00T00:00:00.000Z";
  char* const text = out.data();
  put_digits(text + 4, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put_digits(text + 7, static_cast<unsigned>(date.month()), 2);
  put_digits(text + 10, static_cast<unsigned>(date.day()), 2);
  put_digits(text + 13, static_cast<unsigned>(time.hours().count()), 2);
  put_digits(text + 16, static_cast<unsigned>(time.minutes().count()), 2);
  put_digits(text + 19, static_cast<unsigned>(time.seconds().count()), 2);
  put_digits(text + 23, static_cast<unsigned>(time.subseconds().count()), 3);
  return out;
}

}  // namespace pawprint
