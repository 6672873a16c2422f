#include "textedit/yaml_splice.h"

#include <algorithm>

#include "base/format.h"
#include "textedit/text_lines.h"
#include "textedit/yaml_checks.h"

namespace pawprint::textedit {
namespace {

using Kind = YamlNode::Kind;

bool same(const YamlNode& a, const YamlNode& b) {
  if (a.kind != b.kind || a.marked != b.marked || a.entries.size() != b.entries.size() ||
      a.items.size() != b.items.size())
    return false;
  if (a.kind == Kind::scalar && a.text != b.text) return false;
  const auto same_entry = [](const YamlNode::Entry& left, const YamlNode::Entry& right) {
    return left.key == right.key && same(left.value, right.value);
  };
  return std::ranges::equal(a.entries, b.entries, same_entry) && std::ranges::equal(a.items, b.items, same);
}

bool is_block_scalar(const YamlNode& node) {
  return node.style == '|' || node.style == '>';
}

const YamlNode& last_leaf(const YamlNode& node) {
  if (node.style == 0 && !node.entries.empty()) return last_leaf(node.entries.back().value);
  if (node.style == 0 && !node.items.empty()) return last_leaf(node.items.back());
  return node;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// A block scalar ends in front of the next token, blank lines and the indentation of a comment included.
std::size_t offset_behind_block(std::string_view text, const YamlNode& node) {
  if (node.end == text.size() && !text.ends_with('\n') && !text.ends_with('\r')) return text.size();
  std::size_t at = line_start(text, node.end);
  if (node.text.ends_with("\n\n")) return at;  // blank lines that belong to the value
  while (at > node.begin) {
    std::size_t before = at - 1;
    if (before > 0 && text.substr(before - 1, 2) == "\r\n") --before;
    const std::size_t previous = line_start(text, before);
    if (!is_blank(text.substr(previous, at - previous))) break;
    at = previous;
  }
  return at;
}

// The step of the first nested block mapping that is found; 0 if there is none.
int first_step(const YamlNode& node) {
  for (const YamlNode::Entry& entry : node.entries) {
    const YamlNode& value = entry.value;
    if (value.kind == Kind::mapping && value.style == 0 && value.column > entry.column)
      return value.column - entry.column;
    if (const int below = first_step(value); below > 0) return below;
  }
  return 0;
}

}  // namespace

std::string dotted(const YamlPath& path) {
  std::string text;
  for (const std::string_view key : path) {
    if (!text.empty()) text += '.';
    text += key;
  }
  return text;
}

Result<YamlNode*> locate(YamlNode& root, const YamlPath& path) {
  YamlNode* node = &root;
  for (const std::string_view key : path) {
    if (node->marked) return cannot_edit(node->line, "cannot edit what has an anchor, a tag or is an alias");
    if (node->kind == Kind::null) return nullptr;
    if (node->kind != Kind::mapping)
      return cannot_edit(node->line, fmt::format("cannot set {}: there is no mapping", dotted(path)));
    const auto entry = std::ranges::find(node->entries, key, &YamlNode::Entry::key);
    if (entry == node->entries.end()) return nullptr;
    node = &entry->value;
  }
  if (node->marked) return cannot_edit(node->line, "cannot edit what has an anchor, a tag or is an alias");
  return node;
}

std::size_t offset_behind(std::string_view text, const YamlNode& node) {
  const YamlNode& leaf = last_leaf(node);
  return is_block_scalar(leaf) ? offset_behind_block(text, leaf) : next_line(text, leaf.end);
}

int indent_step(const YamlNode& root) {
  const int step = first_step(root);
  return step > 0 ? step : 2;
}

YamlNode text_node(std::string_view text) {
  YamlNode node;
  node.kind = Kind::scalar;
  node.text = text;
  return node;
}

Result<std::string> proven(std::string text, const YamlNode& expected, int line) {
  const auto read = read_yaml(text);
  if (read && same(*read, expected)) return text;
  return cannot_edit(line, "cannot edit this YAML without changing more than was asked for");
}

}  // namespace pawprint::textedit
