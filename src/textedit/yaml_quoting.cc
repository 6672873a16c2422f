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
// Whether what begins with a digit may be a number, a date or a time: these have few letters.
bool may_be_number(std::string_view value) {
  constexpr std::string_view kLettersOfNumbers = "eEtTzZoObB";
  const bool hexadecimal = value.starts_with("0x") || value.starts_with("0X");
  const auto is_other_letter = [&](char c) {
    return is_letter(c) && kLettersOfNumbers.find(c) == std::string_view::npos;
  };
  return hexadecimal || std::ranges::none_of(value, is_other_letter);
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
  if (value.front() == '.') return false;  // .5, .inf
  return !is_digit(value.front()) || !may_be_number(value);
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
