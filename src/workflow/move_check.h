// Whether a work package may be moved as asked, and what to type if it may not.
#pragma once

#include "workflow/transition.h"

namespace pawprint::workflow {

// Checks the lane table and its guards. Kind `invalid`: the message names the work package, the lanes and
// what is missing, the hint is the command that gives it; open boxes are pointed at by file and line of
// tasks.md.
Result<void> check_lanes(const Environment& environment, const Feature& feature, const WorkPackage& before,
                         const Move& move);

// "pawprint move-task WP01 --to done --feature 004-name".
std::string move_command(const Feature& feature, const WorkPackage& work_package, protocol::Lane to);

}  // namespace pawprint::workflow
