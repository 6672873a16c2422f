// `finalize-tasks`: tells the team that a feature and its work packages exist.
#pragma once

#include <string>
#include <vector>

#include "workflow/accept.h"

namespace pawprint::workflow {

struct FinalizeOutcome {
  std::string feature_slug;
  std::vector<EmittedEvent> events;  // those that this run added
  std::size_t already_known = 0;     // those that an earlier run emitted
};

// Checks ids, lanes and dependencies of all work packages, then emits one FeatureCreated and one WPCreated
// each. Writes no file of the project. The ids of the events are derived from project, feature, work package
// and type, so that a second run adds nothing. Kind `invalid`: the slug is not of the form 004-name, a
// dependency does not exist or they go in a circle (named); those of Emitter::emit_all. `not_stored` is none:
// a warning says so, and a later run emits them.
Result<FinalizeOutcome> finalize_tasks(const Environment& environment, Emitter& emitter,
                                       const project::Places& places, const Feature& feature,
                                       Warnings& warnings);

}  // namespace pawprint::workflow
