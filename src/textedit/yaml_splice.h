// What the edits of YAML have in common: finding the place, and proving the result.
#pragma once

#include <string>
#include <string_view>

#include "textedit/yaml.h"

namespace pawprint::textedit {

// The node at `path`; nullptr where a key is absent. Kind `invalid` with the line if a node on the way is no
// block mapping, or carries an anchor, a tag or is an alias: others would change along with it.
Result<YamlNode*> locate(YamlNode& root, const YamlPath& path);

// "project.uuid", for messages.
std::string dotted(const YamlPath& path);

// Offset at which a line behind `node` and what stands beside it begins.
std::size_t offset_behind(std::string_view text, const YamlNode& node);

// How many columns a nested block mapping of this document stands to the right of its parent; 2 if none does.
int indent_step(const YamlNode& root);

// A text node for the tree that an edit is expected to give.
YamlNode text_node(std::string_view text);

// The edited text if it reads as `expected`: same kinds, texts, keys and order everywhere. Else `invalid`,
// with the line of the edit.
Result<std::string> proven(std::string text, const YamlNode& expected, int line);

}  // namespace pawprint::textedit
