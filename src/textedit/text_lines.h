// Lines of a text, as YAML counts them: LF, CRLF and a lone CR end one.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace pawprint::textedit {

class TextLines {
 public:
  explicit TextLines(std::string_view text);
  int line_of(std::size_t offset) const;    // 1-based
  int column_of(std::size_t offset) const;  // 1-based, in code points; a BOM counts for nothing
  int count() const { return static_cast<int>(starts_.size()); }
  std::size_t start_of(int line) const { return starts_[static_cast<std::size_t>(line) - 1]; }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

// Offset of the first byte of the line behind the one that holds `offset`; the text's size if there is none.
std::size_t next_line(std::string_view text, std::size_t offset);

// Offset of the first byte of the line that holds `offset`.
std::size_t line_start(std::string_view text, std::size_t offset);

// The line break that a line inserted at `offset` takes: that of the line before, else of the first line.
std::string_view line_break_at(std::string_view text, std::size_t offset);

// `text` with `lines` inserted before the line that begins at `offset`. At the end of a text whose last line
// has no break, the new last line has none either.
std::string with_lines(std::string_view text, std::size_t offset, const std::vector<std::string>& lines);

}  // namespace pawprint::textedit
