#include "textedit/frontmatter.h"

#include "base/format.h"
#include "textedit/text_lines.h"

namespace pawprint::textedit {
namespace {

std::unexpected<Error> invalid_line(int line, std::string message) {
  Error error;
  error.kind = ErrorKind::invalid;
  error.line = line;
  error.message = std::move(message);
  return std::unexpected(std::move(error));
}

bool is_fence(std::string_view line) {
  return line.starts_with("---") && line.find_first_not_of(" \t\r\n", 3) == std::string_view::npos;
}

}  // namespace

Result<Frontmatter> find_frontmatter(std::string_view markdown) {
  const std::size_t start = markdown.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  std::size_t at = next_line(markdown, start);
  if (!is_fence(markdown.substr(start, at - start)))
    return invalid_line(1, "no frontmatter: the file does not begin with a line `---`");
  Frontmatter found{at, at, 2};
  while (at < markdown.size()) {
    const std::size_t after = next_line(markdown, at);
    if (is_fence(markdown.substr(at, after - at))) {
      found.end = at;
      return found;
    }
    at = after;
  }
  return invalid_line(1, "the frontmatter has no end: no second line `---` follows");
}

Result<std::string> with_frontmatter(std::string_view markdown, const Frontmatter& where,
                                     std::string_view yaml) {
  std::string result =
      fmt::format("{}{}{}", markdown.substr(0, where.begin), yaml, markdown.substr(where.end));
  const auto found = find_frontmatter(result);
  if (!found || found->begin != where.begin || found->end - found->begin != yaml.size())
    return invalid_line(where.first_line, "cannot replace the frontmatter: it would end somewhere else");
  return result;
}

}  // namespace pawprint::textedit
