#include "textedit/text_lines.h"

#include <algorithm>
#include <string>

namespace pawprint::textedit {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace

TextLines::TextLines(std::string_view text) : text_(text) {
  starts_.push_back(text.starts_with(kBom) ? kBom.size() : 0);
  for (std::size_t at = next_line(text, 0); at < text.size(); at = next_line(text, at)) starts_.push_back(at);
}

int TextLines::line_of(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(starts_, offset);
  return std::max(1, static_cast<int>(after - starts_.begin()));
}

int TextLines::column_of(std::size_t offset) const {
  const std::size_t start = start_of(line_of(offset));
  if (offset <= start) return 1;
  const std::string_view before = text_.substr(start, offset - start);
  return 1 + static_cast<int>(std::ranges::count_if(before, [](char c) { return !is_continuation(c); }));
}

std::size_t next_line(std::string_view text, std::size_t offset) {
  const auto at = text.find_first_of("\r\n", offset);
  if (at == std::string_view::npos) return text.size();
  return text.substr(at).starts_with("\r\n") ? at + 2 : at + 1;
}

std::size_t line_start(std::string_view text, std::size_t offset) {
  if (offset == 0) return 0;
  const auto at = text.find_last_of("\r\n", offset - 1);
  return at == std::string_view::npos ? 0 : at + 1;
}

std::string_view line_break_at(std::string_view text, std::size_t offset) {
  std::size_t at = offset;
  if (at == 0 || (text[at - 1] != '\n' && text[at - 1] != '\r')) at = next_line(text, 0);
  const std::string_view before = text.substr(0, at);
  if (before.ends_with("\r\n")) return "\r\n";
  return before.ends_with('\r') ? "\r" : "\n";
}

std::string with_lines(std::string_view text, std::size_t offset, const std::vector<std::string>& lines) {
  const std::string_view line_break = line_break_at(text, offset);
  const bool after_open_line =
      offset > 0 && text[offset - 1] != '\n' && text[offset - 1] != '\r' && text != kBom;
  std::string result(text.substr(0, offset));
  for (const std::string& line : lines) {
    if (after_open_line) result += line_break;
    result += line;
    if (!after_open_line) result += line_break;
  }
  result += text.substr(offset);
  return result;
}

}  // namespace pawprint::textedit
