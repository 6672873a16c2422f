// The commands of an administrator about the key that signs access tokens.
#pragma once

#include "hub/main/admin.h"

namespace pawprint::hub {

Result<std::string> list_keys(const Administered& hub, const AdminRequest& request);
Result<std::string> rotate_keys(const Administered& hub, const AdminRequest& request);
Result<std::string> retire_key(const Administered& hub, const AdminRequest& request);  // option "kid"

}  // namespace pawprint::hub
