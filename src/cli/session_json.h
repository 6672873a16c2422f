// Sessions as the commands show them: never with a token.
#pragma once

#include "cli/command.h"
#include "credentials/sessions.h"

namespace pawprint::cli {

boost::json::array sessions_json(const std::vector<credentials::Session>& sessions);
// Without tokens: what the agent says of a sign-in or of a token.
credentials::Session session_in(const boost::json::object& data);
std::string sessions_text(const std::vector<credentials::Session>& sessions);

}  // namespace pawprint::cli
