#include "hub/ingest/scan.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>

#include "protocol/json.h"

namespace pawprint::hub::ingest {
namespace {

constexpr std::size_t kEscapeBytes = 6;  // \u0041

// Means itself in a string; nearly every id has no others, and needs no parser.
bool is_plain(char c) {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

// Of an escape of kEscapeBytes; -1 if its digits are none.
int escaped_code(std::string_view escape) {
  int code = 0;
  const char* end = escape.data() + kEscapeBytes;
  const auto [stopped, failed] = std::from_chars(escape.data() + 2, end, code, 16);
  return failed == std::errc{} && stopped == end ? code : -1;
}

}  // namespace

std::size_t skip_space(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

// From quote to quote: one that stands behind an odd number of backslashes is escaped.
std::size_t skip_string(std::string_view text, std::size_t at) {
  const std::size_t begin = at + 1;
  for (std::size_t quote = begin; (quote = text.find('"', quote)) != std::string_view::npos; ++quote) {
    std::size_t backslashes = 0;
    while (quote - backslashes > begin && text[quote - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return quote + 1;
  }
  return text.size();
}

std::size_t skip_element(std::string_view text, std::size_t at, char closer) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (depth == 0 && (c == ',' || c == closer)) return at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    ++at;
  }
  return text.size();
}

std::optional<std::string> string_value(std::string_view token) {
  const bool has_end = token.size() >= 2 && token.back() == '"';
  if (has_end && std::ranges::all_of(token.substr(1, token.size() - 2), is_plain)) {
    return std::string(token.substr(1, token.size() - 2));
  }
  const auto parsed = protocol::parse_json(token);
  if (!parsed || !parsed->is_string()) return std::nullopt;
  return std::string(parsed->get_string());
}

bool says(std::string_view token, std::string_view text) {
  if (token.size() < 2 || !token.starts_with('"') || !token.ends_with('"')) return false;
  token = token.substr(1, token.size() - 2);
  for (const char wanted : text) {
    const std::size_t taken = token.starts_with("\\u") ? kEscapeBytes : 1;
    if (token.size() < taken) return false;
    if (taken == 1 ? token.front() != wanted : escaped_code(token) != wanted) return false;
    token.remove_prefix(taken);
  }
  return token.empty();
}

namespace {

// What stands for the key `event_id` at the top level and begins as `wanted` says; empty if nothing does.
template <class Wanted>
std::string_view find_token(std::string_view event, Wanted wanted) {
  std::size_t at = skip_space(event, 0);
  if (at == event.size() || event[at] != '{') return {};
  while (++at < event.size()) {
    at = skip_space(event, at);
    if (at == event.size() || event[at] != '"') return {};
    const std::size_t key_end = skip_string(event, at);
    const std::string_view key = event.substr(at, key_end - at);
    const std::size_t colon = skip_space(event, key_end);
    if (colon == event.size() || event[colon] != ':') return {};
    const std::size_t value = skip_space(event, colon + 1);
    if (value < event.size() && wanted(event[value]) && says(key, "event_id")) return event.substr(value);
    at = skip_element(event, value, '}');
    if (at == event.size() || event[at] == '}') return {};
  }
  return {};
}

}  // namespace

std::optional<std::string> find_event_id(std::string_view event) {
  const std::string_view found = find_token(event, [](char c) { return c == '"'; });
  if (found.empty()) return std::nullopt;
  return string_value(found.substr(0, skip_string(found, 0)));
}

std::string find_odd_event_id(std::string_view event) {
  const std::string_view found =
      find_token(event, [](char c) { return c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f'; });
  const std::string_view token = found.substr(0, found.find_first_of(" \t\r\n,}"));
  const auto value = protocol::parse_json(token);
  return value && (value->is_number() || value->is_bool()) ? std::string(token) : std::string();
}

}  // namespace pawprint::hub::ingest
