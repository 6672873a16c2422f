// Reading the boxes of a Markdown text: `- [ ] **T001** ...`, with headings and fenced code as CommonMark has
// them.
#include "protocol/catalogue.h"
#include "workflow/tasks_file.h"

namespace pawprint::workflow {
namespace {

constexpr std::string_view kBlank = " \t";

std::string_view without_indent(std::string_view line) {
  const auto begin = line.find_first_not_of(kBlank);
  return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

// The first word of `text` that is a work package id.
std::string first_wp_id(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && is_word(text[end])) ++end;
    if (protocol::is_wp_id(text.substr(begin, end - begin)))
      return std::string(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return {};
}

// "T001" at the begin of "**T001**: ...", "[T001] ..." or "`T001` ..."; empty if there is none.
std::string leading_task_id(std::string_view text) {
  text = without_indent(text);
  text.remove_prefix(std::min(text.find_first_not_of("*_`[("), text.size()));
  if (!text.starts_with('T')) return {};
  const auto end = std::min(text.find_first_not_of("0123456789", 1), text.size());
  if (end < 2) return {};
  // "T001a" is an id of its own, "T001_x" and "T001-T003" are not ids of a box.
  std::size_t stop = end;
  while (stop < text.size() && is_word(text[stop]) && text[stop] != '_') ++stop;
  return std::string(text.substr(0, stop));
}

// The state of a pass through the lines.
class Pass {
 public:
  void line(std::string_view text, std::size_t at, int number) {
    const std::string_view content = without_indent(text);
    if (fence(content)) return;
    if (content.starts_with('#')) {
      heading(content);
    } else {
      box(text, content, at, number);
    }
  }

  std::vector<Checkbox> take() { return std::move(boxes_); }

 private:
  // True for every line that belongs to fenced code.
  bool fence(std::string_view content) {
    const bool marker = content.starts_with("```") || content.starts_with("~~~");
    if (fence_ == '\0') {
      if (marker) fence_ = content.front();
      return marker;
    }
    if (marker && content.front() == fence_) fence_ = '\0';
    return true;
  }

  void heading(std::string_view content) {
    const auto level = content.find_first_not_of('#');
    if (level == std::string_view::npos || level > 6 || kBlank.find(content[level]) == std::string_view::npos)
      return;
    if (level <= section_level_) section_.clear();
    if (std::string id = first_wp_id(content); !id.empty()) {
      section_ = std::move(id);
      section_level_ = level;
    }
  }

  void box(std::string_view text, std::string_view content, std::size_t at, int number) {
    if (content.size() < 2 || std::string_view("-*+").find(content.front()) == std::string_view::npos) return;
    const std::string_view bracket = without_indent(content.substr(1));
    const bool spaced = content[1] == ' ' || content[1] == '\t';
    if (!spaced || bracket.size() < 3 || bracket[0] != '[' || bracket[2] != ']') return;
    const char mark = bracket[1];
    if (mark != ' ' && mark != 'x' && mark != 'X') return;
    std::string_view rest = bracket.substr(3);
    Checkbox found;
    found.task_id = leading_task_id(rest);
    found.section = section_;
    found.text = without_indent(rest);
    found.ticked = mark != ' ';
    found.line = number;
    found.mark_at = at + (text.size() - bracket.size()) + 1;
    boxes_.push_back(std::move(found));
  }

  std::vector<Checkbox> boxes_;
  std::string section_;
  std::size_t section_level_ = 0;
  char fence_ = '\0';
};

}  // namespace

std::vector<Checkbox> read_checkboxes(std::string_view markdown) {
  Pass pass;
  int number = 0;
  for (std::size_t at = 0; at < markdown.size();) {
    const auto end = std::min(markdown.find('\n', at), markdown.size());
    std::string_view line = markdown.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    pass.line(line, at, ++number);
    at = end + 1;
  }
  return pass.take();
}

}  // namespace pawprint::workflow
