// Frontmatter: the YAML between two lines `---` at the start of a Markdown file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawprint::textedit {

struct Frontmatter {
  std::size_t begin = 0, end = 0;  // byte range of the YAML, its last line break included
  int first_line = 0;              // number of its first line in the file
};

// Accepts a BOM, CRLF and blanks behind the dashes. Kind `invalid` with Error::line where the file does not
// begin with `---` or no second `---` follows.
Result<Frontmatter> find_frontmatter(std::string_view markdown);

// `markdown` with `yaml` in the place of its frontmatter. Kind `invalid` if the result would no longer have
// exactly `yaml` as its frontmatter (a line `---` in it, or no line break at its end).
Result<std::string> with_frontmatter(std::string_view markdown, const Frontmatter& where,
                                     std::string_view yaml);

}  // namespace pawprint::textedit
