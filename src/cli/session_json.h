// Sessions as the commands show them: never with a token.
#pragma once

#include "cli/command.h"
#include "credentials/sessions.h"

namespace pawprint::cli {

boost::json::array sessions_json(const std::vector<credentials::Session>& sessions);
std::string sessions_text(const std::vector<credentials::Session>& sessions);

}  // namespace pawprint::cli
