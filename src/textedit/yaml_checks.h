// What is looked at before and after libfyaml has its turn: it stops silently at bytes that are not UTF-8,
// takes control characters for text, and reports a tab in the indentation somewhere else.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "textedit/text_lines.h"

namespace pawprint::textedit {

// Kind `invalid` at `line` and `column` of the text; `first_line` is the number of its first line.
std::unexpected<Error> invalid_at(int line, int column, std::string_view why, int first_line = 1);

// Kind `invalid` for an edit that cannot be made at `line` of the text. The message does not name the place:
// only Error::line does, which moves along when the text is a part of a file.
std::unexpected<Error> cannot_edit(int line, std::string why);

// Offset of the first byte that YAML does not allow: a control character, or the start of what is not UTF-8.
std::optional<std::size_t> first_bad_byte(std::string_view text);

// Offset of the first tab behind a colon in a text that has a key with the indicator `?` (YAML 1.2.2, 8.2.2):
// libfyaml 0.7.12 loses a list of its own over `? a:<tab>:` and writes to address 0 when it is closed. `?` in
// a text of several lines may be taken for that indicator.
std::optional<std::size_t> tab_beside_explicit_key(std::string_view text);

// Offset of the first tab in the indentation of a line, from line `from_line` on.
std::optional<std::size_t> tab_in_indentation(std::string_view text, const TextLines& lines, int from_line);

}  // namespace pawprint::textedit
