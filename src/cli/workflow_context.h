// What every workflow command begins with: the project, the feature, and an emitter.
#pragma once

#include "cli/command.h"
#include "pawprint/emitter.h"
#include "project/places.h"
#include "workflow/feature.h"

namespace pawprint::cli {

struct WorkflowContext {
  project::Places places;
  workflow::Feature feature;
  Emitter emitter;

  // Hands the emitter's warnings over to the command's.
  void keep_warnings(Context& context) const;
};

// `wp_id`: the work package that the command names, if it does.
Result<WorkflowContext> workflow_context(Context& context, const Arguments& arguments,
                                         std::optional<std::string_view> wp_id);

}  // namespace pawprint::cli
