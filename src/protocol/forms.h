// Forms of text that the envelope and payload rules ask for. ASCII, whole string.
#pragma once

#include <string_view>

namespace pawprint::protocol {

bool is_feature_number(std::string_view text);  // ^[0-9]{3}$
bool is_sha256_hex(std::string_view text);      // ^[0-9a-f]{64}$
bool is_date_time(std::string_view text);       // RFC 3339 section 5.6, calendar checked, leap second allowed
bool is_utc_date_time(std::string_view text);   // the same with the offset Z or 00:00

}  // namespace pawprint::protocol
