// The commands that change who may use the hub.
#pragma once

#include <string>
#include <string_view>

#include "base/environment.h"
#include "hub/main/arguments.h"

namespace pawprint::hub {

// Each returns the line that says what was done. Both open the data directory: kind `busy` while it is
// served.
Result<std::string> add_team(const Environment& environment, const AddTeam& wanted);
// `password` as it was read: one line end behind it is not part of it.
Result<std::string> add_user(const Environment& environment, const AddUser& wanted,
                             std::string_view password);

}  // namespace pawprint::hub
