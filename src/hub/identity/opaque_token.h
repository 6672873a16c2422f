// Tokens that say nothing: a prefix that tells their kind, and 32 bytes as base64url.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/random.h"

namespace pawprint::hub::identity {

inline constexpr std::string_view kRefreshPrefix = "prt_";  // people who refresh: refresh_token.h
inline constexpr std::string_view kMachinePrefix = "pmt_";  // machines without a user
inline constexpr std::string_view kInvitationPrefix = "pin_";

std::string new_opaque_token(std::string_view prefix, Random& random);
std::string opaque_token(std::string_view prefix, const Digest& secret);

// What is stored of a token; nullopt if the text cannot be one of that kind.
std::optional<Digest> opaque_token_hash(std::string_view prefix, std::string_view token);

}  // namespace pawprint::hub::identity
