// Reading JSON (RFC 8259) with Boost.JSON: errors carry line and column, duplicate keys are refused.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawprint::protocol {

// Refuses duplicate keys anywhere, bad UTF-8, more than `max_json_depth` levels and trailing text.
// Kind `invalid`; Error::line is set and the message says line and column.
Result<boost::json::value> parse_json(std::string_view text);

// "payload.items[3].name" style paths.
std::string child_path(std::string_view parent, std::string_view key);

}  // namespace pawprint::protocol
