// The commands of an administrator that let people into a team, and all of them out of it.
#pragma once

#include "hub/main/admin.h"

namespace pawprint::hub {

// None of that slug: kind `failed`, and the command that lists them, or adds the first one.
Result<store::Team> team_named(const Administered& hub, std::string_view slug, const AdminRequest& request);

Result<std::string> invite(const Administered& hub, const AdminRequest& request);
Result<std::string> list_invitations(const Administered& hub, const AdminRequest& request);
Result<std::string> withdraw_invitation(const Administered& hub, const AdminRequest& request);
Result<std::string> close_team(const Administered& hub, const AdminRequest& request);

}  // namespace pawprint::hub
