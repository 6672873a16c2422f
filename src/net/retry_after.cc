#include "net/retry_after.h"

#include <time.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

namespace pawprint::net {
namespace {

// A digit first; more than fits is the most.
std::optional<std::int64_t> seconds_in(const std::string& text) {
  if (text.empty() || text.front() == '-') return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end != text.data() + text.size()) return std::nullopt;
  return error == std::errc::result_out_of_range ? std::numeric_limits<std::int64_t>::max() : seconds;
}

// Unix seconds. The forms of RFC 9110, 5.6.7: the one in use, and the two that a recipient has to know.
std::optional<std::int64_t> date_in(const std::string& text) {
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    struct tm date{};
    const char* end = ::strptime(text.c_str(), form, &date);
    if (end != nullptr && *end == '\0') return ::timegm(&date);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> retry_after_s(const HttpAnswer& answer, std::int64_t now_s) {
  const std::string* asked = answer.header("Retry-After");
  if (asked == nullptr) return std::nullopt;
  if (const auto seconds = seconds_in(*asked)) return seconds;
  const auto until = date_in(*asked);
  if (!until) return std::nullopt;
  const std::string* sent = answer.header("Date");
  const auto now = sent == nullptr ? std::nullopt : date_in(*sent);
  return std::max<std::int64_t>(*until - now.value_or(now_s), 0);
}

}  // namespace pawprint::net
