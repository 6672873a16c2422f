// Changing TOML 1.0 (toml.io) that belongs to others: a splice, parsed again and compared.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pawprint::textedit {

// Sets the string `key` of the top-level table `table`; makes the key, and the table, where they are absent.
// Every other byte stays. Kind `invalid` with Error::line where `text` is not TOML, the table is no ordinary
// `[table]`, or what stands there is no string.
Result<std::string> set_toml_string(std::string_view text, std::string_view table, std::string_view key,
                                    std::string_view value);

}  // namespace pawprint::textedit
