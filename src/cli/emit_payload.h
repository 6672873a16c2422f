// What `emit` adds to a payload and refuses about it, before the catalogue's own rules are asked.
#pragma once

#include <string>

#include "cli/command.h"
#include "pawprint/event.h"

namespace pawprint::cli {

// The payload of an event about a work package with the `feature_slug` that tells WP01 of one feature from
// WP01 of another: the one that it has, else, for a type of the catalogue, the feature of directory or
// branch, else the only one; every byte that was there stays. Of other events, and outside of a project, the
// payload as it is. Kind `invalid` with the path: payload.wp_id is not the aggregate, or no feature is
// determined.
Result<std::string> completed_payload(Context& context, const Event& event);

}  // namespace pawprint::cli
