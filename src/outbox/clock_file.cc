#include "outbox/clock_file.h"

#include <boost/json/value.hpp>

#include "base/clock_source.h"
#include "base/format.h"
#include "protocol/json.h"

namespace pawprint::outbox {

std::string write_clock_file(std::uint64_t value, std::string_view node_id, std::int64_t unix_ms) {
  std::string when = rfc3339_utc(unix_ms);
  when.replace(when.find('.'), std::string_view::npos, "Z");
  std::string content =
      fmt::format(R"({{"value": {}, "node_id": "{}", "updated_at": "{}"}})", value, node_id, when);
  content.resize(kClockFileBytes - 1, ' ');
  return content + "\n";
}

std::optional<std::uint64_t> read_clock_file(std::string_view content) {
  const auto parsed = protocol::parse_json(content);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const boost::json::value* value = parsed->get_object().if_contains("value");
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value->get_int64());
}

}  // namespace pawprint::outbox
