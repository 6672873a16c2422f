#include "base/rfc3339.h"

#include <chrono>

namespace pawprint {
namespace {

// Reads a text from its front; once something does not fit, everything after it fails too.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const char digit = take();
      if (digit < '0' || digit > '9') ok_ = false;
      value = value * 10 + (digit - '0');
    }
    return value;
  }

  char take() {
    if (rest_.empty()) ok_ = false;
    if (!ok_) return '\0';
    const char first = rest_.front();
    rest_.remove_prefix(1);
    return first;
  }

  void expect(std::string_view one_of) {
    if (one_of.find(take()) == std::string_view::npos) ok_ = false;
  }

  bool next_is_digit() const { return ok_ && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
  bool next_is(char wanted) const { return ok_ && rest_.starts_with(wanted); }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::int64_t read_fraction_ms(Reader& reader) {
  if (!reader.next_is('.')) return 0;
  reader.expect(".");
  std::int64_t ms = 0;
  std::int64_t weight = 100;
  if (!reader.next_is_digit()) reader.expect("0");
  for (; reader.next_is_digit(); weight /= 10) ms += weight * reader.digits(1);
  return ms;
}

std::int64_t read_offset_minutes(Reader& reader) {
  const char sign = reader.take();
  if (sign == 'Z' || sign == 'z') return 0;
  const int hours = reader.digits(2);
  reader.expect(":");
  const int minutes = reader.digits(2);
  if (hours > 23 || minutes > 59 || (sign != '+' && sign != '-')) reader.expect({});
  return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

std::optional<std::int64_t> unix_ms_of(std::string_view rfc3339) {
  using namespace std::chrono;
  Reader reader(rfc3339);
  const int year_number = reader.digits(4);
  reader.expect("-");
  const int month_number = reader.digits(2);
  reader.expect("-");
  const int day_number = reader.digits(2);
  reader.expect("Tt ");
  const int hour = reader.digits(2);
  reader.expect(":");
  const int minute = reader.digits(2);
  reader.expect(":");
  const int second = reader.digits(2);
  const std::int64_t fraction_ms = read_fraction_ms(reader);
  const std::int64_t offset_minutes = read_offset_minutes(reader);
  if (!reader.at_end() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const year_month_day day_in_calendar(year(year_number), month(static_cast<unsigned>(month_number)),
                                       day(static_cast<unsigned>(day_number)));
  if (!day_in_calendar.ok()) return std::nullopt;
  const std::int64_t days = sys_days(day_in_calendar).time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second;
  if (seconds < 0) return std::nullopt;
  return seconds * 1000 + fraction_ms;
}

}  // namespace pawprint
