// Writing a text as a YAML scalar.
#pragma once

#include <string>
#include <string_view>

#include "textedit/yaml.h"

namespace pawprint::textedit {

// Whether `value` may stand without quotes wherever a scalar may, flow collections included.
bool plain_is_readable(std::string_view value);

// Whether `value` without quotes is a text to readers that give types too (YAML 1.1 and 1.2): no number,
// date, truth value or null.
bool plain_is_text(std::string_view value);

// Kind `invalid` for what no one-line scalar of ours can hold: control characters and bytes that are not
// UTF-8.
Result<void> check_scalar(std::string_view value);

// `value` in quotes of the given kind, ' or ".
std::string quoted(std::string_view value, char quote);

// `value` plain where that is a text to every reader, else in `quote`.
std::string written(std::string_view value, char quote);

}  // namespace pawprint::textedit
