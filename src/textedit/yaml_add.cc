#include <algorithm>

#include "base/format.h"
#include "textedit/text_lines.h"
#include "textedit/yaml.h"
#include "textedit/yaml_checks.h"
#include "textedit/yaml_quoting.h"
#include "textedit/yaml_splice.h"

namespace pawprint::textedit {
namespace {

using Kind = YamlNode::Kind;

std::vector<std::string> lines_of(std::span<const YamlField> fields, int column) {
  const std::string indent(static_cast<std::size_t>(column - 1), ' ');
  std::vector<std::string> lines;
  for (const YamlField& field : fields)
    lines.push_back(fmt::format("{}{}: {}", indent, written(field.key, '"'), written(field.value, '"')));
  return lines;
}

void add_to(YamlNode& mapping, std::span<const YamlField> fields) {
  mapping.kind = Kind::mapping;
  for (const YamlField& field : fields)
    mapping.entries.push_back({field.key, 0, 0, 0, text_node(field.value)});
}

Result<void> check_fields(const YamlNode* parent, std::span<const YamlField> fields) {
  for (const YamlField& field : fields) {
    PAW_TRY(key_checked, check_scalar(field.key));
    PAW_TRY(value_checked, check_scalar(field.value));
    if (parent == nullptr || parent->find(field.key) == nullptr) continue;
    return cannot_edit(parent->find(field.key)->line, fmt::format("the key {} is there already", field.key));
  }
  return {};
}

// `parent` is absent: a mapping of that name behind everything else.
Result<std::string> add_parent(std::string_view text, YamlNode& root, const YamlPath& path,
                               std::span<const YamlField> fields) {
  const bool no_document = root.kind == Kind::null && root.begin == root.end;
  if (path.size() != 1 || (root.kind != Kind::mapping && !no_document) || root.style != 0)
    return cannot_edit(root.line, fmt::format("cannot add {}: the text is no block mapping", dotted(path)));
  const int column = root.entries.empty() ? 1 : root.entries.front().column;
  std::vector<std::string> lines = lines_of(fields, column + indent_step(root));
  lines.insert(lines.begin(), fmt::format("{}{}:", std::string(static_cast<std::size_t>(column - 1), ' '),
                                          written(path.front(), '"')));
  const int line = TextLines(text).line_of(text.size());
  std::string edited = with_lines(text, text.size(), lines);
  YamlNode section;
  add_to(section, fields);
  root.kind = Kind::mapping;
  root.entries.push_back({std::string(path.front()), 0, 0, 0, std::move(section)});
  return proven(std::move(edited), root, line);
}

// The column of the key whose value is at `path`.
int column_of_key(YamlNode& root, const YamlPath& path) {
  const auto holder = locate(root, YamlPath(path.begin(), path.end() - 1));
  return std::ranges::find(holder.value()->entries, path.back(), &YamlNode::Entry::key)->column;
}

}  // namespace

Result<std::string> add_yaml_keys(std::string_view text, const YamlPath& parent,
                                  std::span<const YamlField> fields) {
  PAW_TRY(root, read_yaml(text));
  PAW_TRY(node, locate(root, parent));
  PAW_TRY(checked, check_fields(node, fields));
  if (fields.empty()) return std::string(text);
  if (node == nullptr) return add_parent(text, root, parent, fields);
  const bool empty_value = node->kind == Kind::null && !parent.empty();
  if (!empty_value && (node->kind != Kind::mapping || node->style != 0 || node->entries.empty()))
    return cannot_edit(node->line,
                       fmt::format("cannot add keys to {}: it is no block mapping", dotted(parent)));

  const int line = node->line;
  if (empty_value) {
    const int column = column_of_key(root, parent) + indent_step(root);
    // A spelled-out null gives way, with the blanks in front of it.
    std::string base(text);
    const std::size_t begin = text.find_last_not_of(" \t", node->begin - 1) + 1;
    if (node->end > node->begin) base.erase(begin, node->end - begin);
    std::string edited = with_lines(base, next_line(base, begin), lines_of(fields, column));
    add_to(*node, fields);
    return proven(std::move(edited), root, line);
  }
  std::string edited =
      with_lines(text, offset_behind(text, *node), lines_of(fields, node->entries.back().column));
  add_to(*node, fields);
  return proven(std::move(edited), root, line);
}

}  // namespace pawprint::textedit
