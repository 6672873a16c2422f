// The documented JSON fields that several workflow commands share.
#pragma once

#include "cli/command.h"
#include "project/places.h"
#include "workflow/accept.h"
#include "workflow/transition.h"

namespace pawprint::cli {

boost::json::value id_or_null(const std::optional<std::string>& event_id);
// Whether every event could be stored somewhere: what was not, the team will not hear of, but it is done.
bool all_stored(const Context& context);
boost::json::array events_json(const std::vector<workflow::EmittedEvent>& events);

// `--commit`, if it is given: commits `files` and nothing else. If git refuses, what happened stays reported,
// and the error says that it did.
void commit_if_asked(const Context& context, const Arguments& arguments, const project::Places& places,
                     std::span<const Path> files, const std::string& message, Report& report);

}  // namespace pawprint::cli
