#include "textedit/yaml_checks.h"

#include "base/format.h"

namespace pawprint::textedit {
namespace {

// Length of the UTF-8 sequence at the start of `text` (RFC 3629), 0 if it is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned char second = byte(1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;
  if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
  return length;
}

bool is_forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

}  // namespace

std::unexpected<Error> invalid_at(int line, int column, std::string_view why, int first_line) {
  Error error;
  error.kind = ErrorKind::invalid;
  error.line = line + first_line - 1;
  error.message = fmt::format("{} (line {}, column {})", why, error.line, column);
  return std::unexpected(std::move(error));
}

std::unexpected<Error> cannot_edit(int line, std::string why) {
  Error error;
  error.kind = ErrorKind::invalid;
  error.line = line;
  error.message = std::move(why);
  return std::unexpected(std::move(error));
}

std::optional<std::size_t> first_bad_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text.substr(at));
    if (length == 0 || is_forbidden(text[at])) return at;
    at += length;
  }
  return std::nullopt;
}

std::optional<std::size_t> tab_beside_explicit_key(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  constexpr std::string_view kBefore = "-?:,{[";
  const std::size_t tab = text.find(":\t");
  if (tab == std::string_view::npos) return std::nullopt;
  for (auto at = text.find('?'); at != std::string_view::npos; at = text.find('?', at + 1)) {
    const bool ends = at + 1 == text.size() || kBlank.contains(text[at + 1]);
    const std::size_t before = text.substr(0, at).find_last_not_of(" \t");
    const bool begins = before == std::string_view::npos || text[before] == '\n' || text[before] == '\r' ||
                        kBefore.contains(text[before]);
    if (ends && begins) return tab + 1;
  }
  return std::nullopt;
}

std::optional<std::size_t> tab_in_indentation(std::string_view text, const TextLines& lines, int from_line) {
  for (int line = from_line; line <= lines.count(); ++line) {
    const std::size_t start = lines.start_of(line);
    const std::size_t content = text.find_first_not_of(" \t", start);
    const auto tab = text.find('\t', start);
    if (content == std::string_view::npos || text[content] == '\n' || text[content] == '\r') continue;
    if (tab < content) return tab;
  }
  return std::nullopt;
}

}  // namespace pawprint::textedit
