#include "textedit/yaml_quoting.h"

#include <algorithm>
#include <array>

#include "textedit/yaml_checks.h"

namespace pawprint::textedit {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_uuid_shaped(std::string_view value) {
  if (value.size() != 36) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? value[i] != '-' : !is_hex(value[i])) return false;
  }
  return true;
}

// Characters that mean nothing to YAML in any place but the first.
bool is_harmless(char c) {
  constexpr std::string_view kHarmless = "_-./@+~()$%^*=;<>!?\\ ";
  return is_letter(c) || is_digit(c) || kHarmless.find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0xC3;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace

bool plain_is_readable(std::string_view value) {
  if (value.empty() || value.ends_with(' ')) return false;
  const char first = value.front();
  if (!is_letter(first) && !is_digit(first) && first != '_' && first != '/' && first != '.' &&
      static_cast<unsigned char>(first) < 0xC3)
    return false;
  if (value.starts_with("...")) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    // A colon is read as one where no blank follows, which is where times and URLs have it.
    const bool inner_colon = value[i] == ':' && i + 1 < value.size() &&
                             (is_letter(value[i + 1]) || is_digit(value[i + 1]) || value[i + 1] == '/');
    if (!is_harmless(value[i]) && !is_continuation(value[i]) && !inner_colon) return false;
  }
  return value.find("\xEF\xBB\xBF") == std::string_view::npos && value != "null" && value != "Null" &&
         value != "NULL";
}

bool plain_is_text(std::string_view value) {
  constexpr std::array<std::string_view, 9> kWords = {"y",   "n",    "yes",   "no",  "on",
                                                      "off", "true", "false", "null"};
  std::string lower(value);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (!plain_is_readable(value) || std::ranges::find(kWords, lower) != kWords.end()) return false;
  // Numbers, dates and times begin with a digit or a period; of what does, only UUIDs are worth a closer
  // look.
  return (!is_digit(value.front()) && value.front() != '.') || is_uuid_shaped(value);
}

Result<void> check_scalar(std::string_view value) {
  if (!first_bad_byte(value) && value.find_first_of("\t\r\n") == std::string_view::npos) return {};
  return fail(ErrorKind::invalid, "cannot write a YAML value: it has a control character or is not UTF-8");
}

std::string quoted(std::string_view value, char quote) {
  std::string result(1, quote);
  for (const char c : value) {
    if (quote == '\'' && c == '\'') result += '\'';
    if (quote == '"' && (c == '"' || c == '\\')) result += '\\';
    result += c;
  }
  return result += quote;
}

std::string written(std::string_view value, char quote) {
  return plain_is_text(value) ? std::string(value) : quoted(value, quote);
}

}  // namespace pawprint::textedit
