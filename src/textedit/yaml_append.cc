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

struct ItemLayout {
  int dash_column = 1;
  int key_column = 3;
};

// How a list writes its values, learned from one of its items.
class ItemQuoting {
 public:
  explicit ItemQuoting(const YamlNode* sample) : sample_(sample) {
    if (sample == nullptr) return;
    for (const YamlNode::Entry& entry : sample->entries) {
      const char style = entry.value.style;
      if (style == '"' || style == '\'') quote_ = style;
      if (entry.value.kind == Kind::scalar && style == 0) all_quoted_ = false;
    }
    if (sample->entries.empty()) all_quoted_ = false;
  }

  std::string write(const YamlField& field) const {
    const YamlNode* like = sample_ == nullptr ? nullptr : sample_->find(field.key);
    if (like != nullptr && (like->style == '"' || like->style == '\''))
      return quoted(field.value, like->style);
    const bool plain_like = like != nullptr && like->kind == Kind::scalar && like->style == 0;
    if (plain_like && plain_is_readable(field.value)) return field.value;
    if (sample_ != nullptr && all_quoted_) return quoted(field.value, quote_);
    return written(field.value, quote_);
  }

 private:
  const YamlNode* sample_;
  char quote_ = '"';
  bool all_quoted_ = true;
};

std::vector<std::string> item_lines(std::span<const YamlField> fields, ItemLayout layout,
                                    const ItemQuoting& quoting) {
  const std::string deep(static_cast<std::size_t>(layout.key_column - 1), ' ');
  std::vector<std::string> lines;
  for (const YamlField& field : fields)
    lines.push_back(fmt::format("{}{}: {}", deep, written(field.key, '"'), quoting.write(field)));
  lines.front()[static_cast<std::size_t>(layout.dash_column - 1)] = '-';
  return lines;
}

YamlNode item_node(std::span<const YamlField> fields) {
  YamlNode item;
  item.kind = Kind::mapping;
  for (const YamlField& field : fields) item.entries.push_back({field.key, 0, 0, 0, text_node(field.value)});
  return item;
}

// How far the dashes of block lists stand to the right of their key; -1 if the document has none.
int list_step(const YamlNode& node) {
  for (const YamlNode::Entry& entry : node.entries) {
    const YamlNode& value = entry.value;
    if (value.kind == Kind::sequence && value.style == 0) return value.column - entry.column;
    if (const int below = list_step(value); below >= 0) return below;
  }
  return -1;
}

ItemLayout layout_under(const YamlNode& root, int key_column) {
  const int step = list_step(root);
  const int dash_column = key_column + (step < 0 ? 2 : step);
  return {dash_column, dash_column + 2};
}

Result<std::string> append_to_list(std::string_view text, YamlNode& root, YamlNode& list,
                                   std::span<const YamlField> fields) {
  const YamlNode& last = list.items.back();
  ItemLayout layout{list.column, list.column + 2};
  if (last.kind == Kind::mapping && last.style == 0) layout.key_column = last.column;
  const auto lines = item_lines(fields, layout, ItemQuoting(last.kind == Kind::mapping ? &last : nullptr));
  std::string edited = with_lines(text, offset_behind(text, list), lines);
  list.items.push_back(item_node(fields));
  return proven(std::move(edited), root, list.line);
}

// `[]`, null or nothing makes room for a block list.
Result<std::string> start_list(std::string_view text, YamlNode& root, YamlNode& value, int key_column,
                               std::span<const YamlField> fields) {
  const ItemLayout layout = layout_under(root, key_column);
  std::string base(text);
  const std::size_t begin = text.find_last_not_of(" \t", value.begin - 1) + 1;
  if (value.end > value.begin) base.erase(begin, value.end - begin);
  std::string edited =
      with_lines(base, next_line(base, begin), item_lines(fields, layout, ItemQuoting(nullptr)));
  const int line = value.line;
  value = YamlNode{};
  value.kind = Kind::sequence;
  value.items.push_back(item_node(fields));
  return proven(std::move(edited), root, line);
}

Result<std::string> add_list(std::string_view text, YamlNode& root, YamlNode& holder, std::string_view key,
                             std::span<const YamlField> fields, std::string_view after_key) {
  const auto after = std::ranges::find(holder.entries, after_key, &YamlNode::Entry::key);
  if (after == holder.entries.end() || holder.style != 0)
    return cannot_edit(holder.line,
                       fmt::format("cannot add {}: there is no key {} to put it behind", key, after_key));
  auto lines = item_lines(fields, layout_under(root, after->column), ItemQuoting(nullptr));
  lines.insert(
      lines.begin(),
      fmt::format("{}{}:", std::string(static_cast<std::size_t>(after->column - 1), ' '), written(key, '"')));
  std::string edited = with_lines(text, offset_behind(text, after->value), lines);
  const int line = after->line;
  YamlNode list;
  list.kind = Kind::sequence;
  list.items.push_back(item_node(fields));
  holder.entries.insert(after + 1, {std::string(key), 0, 0, 0, std::move(list)});
  return proven(std::move(edited), root, line);
}

}  // namespace

Result<std::string> append_yaml_item(std::string_view text, const YamlPath& path,
                                     std::span<const YamlField> fields, std::string_view after_key) {
  for (const YamlField& field : fields) {
    PAW_TRY(key_checked, check_scalar(field.key));
    PAW_TRY(value_checked, check_scalar(field.value));
  }
  if (path.empty() || fields.empty())
    return fail(ErrorKind::invalid, "cannot append to a YAML list: no list or no fields are named");
  PAW_TRY(root, read_yaml(text));
  PAW_TRY(holder, locate(root, YamlPath(path.begin(), path.end() - 1)));
  PAW_TRY(node, locate(root, path));
  if (holder == nullptr || holder->kind != Kind::mapping)
    return cannot_edit(root.line, fmt::format("cannot add {}: there is no mapping", dotted(path)));
  if (node == nullptr) return add_list(text, root, *holder, path.back(), fields, after_key);
  const bool empty = node->kind == Kind::null || (node->kind == Kind::sequence && node->items.empty());
  if (empty && holder->style == 0) {
    const int key_column = std::ranges::find(holder->entries, path.back(), &YamlNode::Entry::key)->column;
    return start_list(text, root, *node, key_column, fields);
  }
  if (node->kind != Kind::sequence || node->style != 0)
    return cannot_edit(node->line, fmt::format("cannot append to {}: it is no block list", dotted(path)));
  return append_to_list(text, root, *node, fields);
}

}  // namespace pawprint::textedit
