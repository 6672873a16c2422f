// The uuid of a project whose repository cannot be written.
#pragma once

#include <string>

#include "base/environment.h"
#include "base/result.h"
#include "project/home.h"

namespace pawprint::project {

// HMAC-SHA-256 of `canonical_root` with the secret of the home, in the form of a UUIDv4: the same in every
// process of this home, and nobody else can guess it. The secret (32 random bytes in hex, 0600) is made under
// a lock when it is first needed. Kind `io` where the home cannot be written, `invalid` where the secret is
// damaged.
Result<std::string> derived_uuid(const Environment& environment, const Home& home,
                                 const Path& canonical_root);

}  // namespace pawprint::project
