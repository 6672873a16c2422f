// Password hashes: Argon2id (RFC 9106) in the PHC string format, 2 passes over 19 MiB.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawprint::hub::identity {

inline constexpr std::size_t kPasswordMaxBytes = 1024;

// Blocks for some 15 ms and takes 19 MiB meanwhile, as password_matches does. Empty or longer than the limit:
// kind `invalid`; no memory for the hash: `failed`.
Result<std::string> hash_password(std::string_view password);

// Without a hash, for a user that does not exist, it does the same work and says no, so that the time taken
// tells nothing. No memory for the check: `failed`, nothing is known about the password.
Result<bool> password_matches(const std::optional<std::string>& hash, std::string_view password);

}  // namespace pawprint::hub::identity
