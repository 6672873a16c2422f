#include "cli/workflow_context.h"

#include "client/make_emitter.h"
#include "project/git_state.h"

namespace pawprint::cli {

void WorkflowContext::keep_warnings(Context& context) const {
  for (const Warning& warning : emitter.warnings())
    context.warnings.add(warning.cause, warning.message, warning.hint);
}

Result<WorkflowContext> workflow_context(Context& context, const Arguments& arguments,
                                         std::optional<std::string_view> wp_id) {
  const Environment& environment = context.environment;
  PAW_TRY(places, project::find_project(environment));
  const project::GitState git = project::read_git_state(environment, places, context.warnings);
  PAW_TRY(feature,
          workflow::find_feature(environment, places, arguments.value("--feature"), git.branch, wp_id));
  return WorkflowContext{std::move(places), std::move(feature), client::make_emitter(environment)};
}

}  // namespace pawprint::cli
