// The documented JSON fields that several workflow commands share.
#pragma once

#include "cli/command.h"
#include "workflow/accept.h"
#include "workflow/transition.h"

namespace pawprint::cli {

boost::json::value id_or_null(const std::optional<std::string>& event_id);
boost::json::array events_json(const std::vector<workflow::EmittedEvent>& events);

}  // namespace pawprint::cli
