#include "protocol/forms.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "protocol/catalogue.h"

namespace pawprint::protocol {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, is_digit);
}

// The value of `length` digits at `at`, nullopt if they are not all there.
std::optional<unsigned> number_at(std::string_view text, std::size_t at, std::size_t length) {
  if (text.size() < at + length || !all_digits(text.substr(at, length))) return std::nullopt;
  unsigned value = 0;
  for (const char c : text.substr(at, length)) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

bool is_date(std::string_view text) {
  const auto year = number_at(text, 0, 4);
  const auto month = number_at(text, 5, 2);
  const auto day = number_at(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return false;
  return std::chrono::year_month_day(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                     std::chrono::day(*day))
      .ok();
}

bool is_hour_minute(std::string_view text) {
  const auto hour = number_at(text, 0, 2);
  const auto minute = number_at(text, 3, 2);
  return hour && minute && text[2] == ':' && *hour < 24 && *minute < 60;
}

bool is_offset(std::string_view text) {
  if (text == "Z" || text == "z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && is_hour_minute(text.substr(1));
}

// What follows the seconds, without the fraction; nullopt if the fraction has no digit.
std::optional<std::string_view> after_fraction(std::string_view text) {
  if (!text.starts_with('.')) return text;
  const auto* const end = std::ranges::find_if_not(text.substr(1), is_digit);
  const auto digits = static_cast<std::size_t>(end - text.begin()) - 1;
  if (digits == 0) return std::nullopt;
  return text.substr(1 + digits);
}

}  // namespace

bool is_wp_id(std::string_view text) {
  return text.size() >= 4 && text.starts_with("WP") && all_digits(text.substr(2));
}

bool is_feature_slug(std::string_view text) {
  const auto allowed = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'; };
  return text.size() >= 5 && all_digits(text.substr(0, 3)) && text[3] == '-' &&
         std::ranges::all_of(text.substr(4), allowed);
}

bool is_feature_number(std::string_view text) {
  return text.size() == 3 && all_digits(text);
}

bool is_sha256_hex(std::string_view text) {
  const auto allowed = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  return text.size() == 64 && std::ranges::all_of(text, allowed);
}

bool is_date_time(std::string_view text) {
  constexpr std::size_t kSecondsEnd = 19;  // 2026-02-03T12:00:00
  if (text.size() <= kSecondsEnd || !is_date(text) || (text[10] != 'T' && text[10] != 't')) return false;
  const auto second = number_at(text, 17, 2);
  if (!is_hour_minute(text.substr(11)) || text[16] != ':' || !second || *second > 60) return false;
  const auto offset = after_fraction(text.substr(kSecondsEnd));
  return offset && is_offset(*offset);
}

bool is_utc_date_time(std::string_view text) {
  return is_date_time(text) &&
         (text.back() == 'Z' || text.back() == 'z' || text.ends_with("+00:00") || text.ends_with("-00:00"));
}

}  // namespace pawprint::protocol
