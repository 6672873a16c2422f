// The token of a machine without a user, as a CI runner (docs/protocol.md, tokens of machines). The
// environment gives it; it is kept nowhere and never printed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "base/result.h"

namespace pawprint::credentials {

struct MachineToken {
  std::string origin;  // the only one that it is sent to
  std::string secret;
};

// PAWPRINT_TOKEN, for the hub that PAWPRINT_SERVER names; nullopt: it is not set. Kind `usage` if the hub is
// not named, or one of the two cannot be used.
Result<std::optional<MachineToken>> machine_token(const Environment& environment);

// The user of the links that such a token makes: any token of their team delivers them, and no session does.
inline constexpr std::string_view kMachineUser = "machine";

// The command that delivers what is for one.
std::string delivery_by_token(std::string_view origin);

// What a hub that does not take the token means.
Error machine_token_refused(std::string_view origin);

}  // namespace pawprint::credentials
