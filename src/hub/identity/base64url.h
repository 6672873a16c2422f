// base64url without padding (RFC 4648, section 5; RFC 7515, appendix C).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pawprint::hub::identity {

std::string base64url(std::string_view bytes);
// nullopt for padding, white space, other characters, and bits left over.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace pawprint::hub::identity
