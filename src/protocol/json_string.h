// Writing JSON strings as RFC 8785 escapes them, shared by the envelope writer and the canonical form.
#pragma once

#include <string>
#include <string_view>

namespace pawprint::protocol {

// Appends `text` as a JSON string, quotes included. A byte that is not UTF-8 becomes U+FFFD, so that the
// result is always valid JSON.
void append_json_string(std::string& out, std::string_view text);

}  // namespace pawprint::protocol
