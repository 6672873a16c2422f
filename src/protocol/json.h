// Reading JSON (RFC 8259) with Boost.JSON: errors carry line and column, duplicate keys are refused.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawprint::protocol {

// Refuses duplicate keys anywhere, bad UTF-8, lone surrogates, more than `max_json_depth` levels and trailing
// text. Kind `invalid`; Error::line is set and the message says line and column (in characters), both from 1.
// A number beyond 64 bits or with a fraction or exponent is a double; one too large for a double is infinite.
Result<boost::json::value> parse_json(std::string_view text);

// "payload.items[3].name" style paths; a key that is no plain word is quoted: payload["a key"].
std::string child_path(std::string_view parent, std::string_view key);
std::string child_path(std::string_view parent, std::size_t index);

}  // namespace pawprint::protocol
