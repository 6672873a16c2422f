// Reading and changing YAML 1.2 (yaml.org/spec/1.2.2) that belongs to others. A change is a splice of bytes:
// everything outside it stays (comments, order, quotes, line endings, BOM, a missing final newline), and the
// result is parsed again and compared before it is handed back. Pure: no file, no clock, no thread of its
// own.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawprint::textedit {

// A value and where it stands. Plain scalars are not given types: `no`, `1` and `~` are texts.
struct YamlNode {
  enum class Kind { null, scalar, sequence, mapping };  // null: nothing stands behind the colon or dash
  Kind kind = Kind::null;
  std::string text;  // the value of a scalar, unquoted
  char style = 0;  // 0 plain, '\'' single, '"' double, '|' literal, '>' folded; '[' '{' for flow collections
  bool marked = false;             // has an anchor or a tag, or is an alias (then of kind null)
  int line = 0, column = 0;        // 1-based, of the value
  std::size_t begin = 0, end = 0;  // byte range of the value in the text
  struct Entry;
  std::vector<Entry> entries;                        // of a mapping, in order
  std::vector<YamlNode> items;                       // of a sequence, in order
  const YamlNode* find(std::string_view key) const;  // nullptr: not there, or not a mapping
};

struct YamlNode::Entry {
  std::string key;
  int line = 0, column = 0;  // 1-based, of the key
  std::size_t begin = 0;     // of the key in the text
  YamlNode value;
};

// The one document of `text`; an empty text is null. Kind `invalid` with Error::line set (counted from
// `first_line`) and line and column in the message, for what is not YAML, for duplicate keys, keys that are
// no scalars, several documents, and nesting deeper than 64 levels.
Result<YamlNode> read_yaml(std::string_view text, int first_line = 1);

using YamlPath = std::vector<std::string_view>;  // mapping keys from the root

struct YamlField {
  std::string key;
  std::string value;  // quoted as needed to read back as the same string
};

// The edits return the whole new text. Kind `invalid` with Error::line (of `text`, 1-based) where the text
// cannot be read, the path leads nowhere, or the place cannot be spliced: an anchor, a tag or an alias on
// what is edited, a flow mapping as parent, a block scalar as value, a value with control characters.

// Puts `value` in the place of the scalar at `path`, in the quotes that stand there where the value allows.
Result<std::string> set_yaml_scalar(std::string_view text, const YamlPath& path, std::string_view value);

// Adds fields behind the last key of the mapping at `parent`, in its indent. A parent that has no value gets
// one; an absent one (of the root) is made at the end of the text. A key that exists already is refused.
Result<std::string> add_yaml_keys(std::string_view text, const YamlPath& parent,
                                  std::span<const YamlField> fields);

// Appends a mapping item to the block sequence at `path`, in its own indent and in its items' quoting. `[]`
// and nothing become a block sequence. Absent: the key and the item go behind the entry `after_key` of the
// same mapping.
Result<std::string> append_yaml_item(std::string_view text, const YamlPath& path,
                                     std::span<const YamlField> fields, std::string_view after_key);

}  // namespace pawprint::textedit
