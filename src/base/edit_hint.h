// Hints that begin with what no command does: a file is to be edited.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/disk.h"

namespace pawprint {

struct EditHint {
  std::string edit;  // "edit FILE:LINE"
  std::string then;  // the command to type
};

// "edit FILE:LINE, then: COMMAND"; without a line if that is 0.
std::string edit_hint(const Path& file, int line, std::string_view then);
// nullopt for any other hint.
std::optional<EditHint> read_edit_hint(std::string_view hint);

}  // namespace pawprint
