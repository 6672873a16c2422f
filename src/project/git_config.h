// Reading the configuration of a git repository (git-config(1), "CONFIGURATION FILE").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawprint::project {

struct GitSetting {
  std::string section;     // lower-case
  std::string subsection;  // as written
  std::string key;         // lower-case
  std::string value;       // unquoted; "true" for a key without a value
};

// All settings in order. Kind `invalid` with the line for what git would not read either.
Result<std::vector<GitSetting>> read_git_config(std::string_view text);

// The first value of a setting, as git takes the URL of a remote.
std::optional<std::string> first_value(const std::vector<GitSetting>& settings, std::string_view section,
                                       std::string_view subsection, std::string_view key);

}  // namespace pawprint::project
