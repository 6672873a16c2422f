// The commands of an administrator that let people into a team, and all of them out of it.
#pragma once

#include "hub/main/admin.h"

namespace pawprint::hub {

Result<std::string> invite(const Administered& hub, const AdminRequest& request);
Result<std::string> list_invitations(const Administered& hub, const AdminRequest& request);
Result<std::string> withdraw_invitation(const Administered& hub, const AdminRequest& request);
Result<std::string> close_team(const Administered& hub, const AdminRequest& request);

}  // namespace pawprint::hub
