#include "outbox/clock_file.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>

#include "base/clock_source.h"
#include "base/format.h"
#include "protocol/json.h"

namespace pawprint::outbox {
namespace {

bool take(std::string_view& rest, std::string_view expected) {
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(expected.size());
  return true;
}

bool take_plain_string(std::string_view& rest) {
  if (!take(rest, "\"")) return false;
  const std::size_t end = rest.find('"');
  if (end == std::string_view::npos || rest.substr(0, end).contains('\\')) return false;
  rest.remove_prefix(end + 1);
  return true;
}

bool is_blank(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == ' ' || c == '\n'; });
}

// The exact form that write_clock_file makes, without a JSON parser: every tick reads it.
std::optional<std::uint64_t> read_own_form(std::string_view content) {
  if (!take(content, R"({"value": )")) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(content.data(), content.data() + content.size(), value);
  if (error != std::errc{} || value < 0) return std::nullopt;
  content.remove_prefix(static_cast<std::size_t>(end - content.data()));
  const bool whole = take(content, R"(, "node_id": )") && take_plain_string(content) &&
                     take(content, R"(, "updated_at": )") && take_plain_string(content) &&
                     take(content, "}") && is_blank(content);
  if (!whole) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

}  // namespace

std::string write_clock_file(std::uint64_t value, std::string_view node_id, std::int64_t unix_ms) {
  const std::string when = rfc3339_utc(unix_ms);
  std::string content = R"({"value": )" + std::to_string(value) + R"(, "node_id": ")";
  content.append(node_id).append(R"(", "updated_at": ")").append(when, 0, when.find('.')).append("Z\"}");
  content.resize(kClockFileBytes, ' ');
  content.back() = '\n';
  return content;
}

std::optional<std::uint64_t> read_clock_file(std::string_view content) {
  if (const auto value = read_own_form(content)) return value;
  const auto parsed = protocol::parse_json(content);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const boost::json::value* value = parsed->get_object().if_contains("value");
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value->get_int64());
}

std::string write_taken(std::uint64_t value) {
  return fmt::format("{:020}\n", value);
}

std::uint64_t read_taken(std::string_view content) {
  std::uint64_t value = 0;
  if (content.size() != kTakenBytes || content.back() != '\n') return 0;
  const char* const end = content.data() + content.size() - 1;
  const auto [read, error] = std::from_chars(content.data(), end, value);
  return error == std::errc{} && read == end ? value : 0;
}

}  // namespace pawprint::outbox
