#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/workflow_context.h"
#include "cli/workflow_report.h"
#include "workflow/workspace.h"

namespace pawprint::cli {

Result<Report> run_implement(Context& context, const Arguments& arguments) {
  const std::string& wp_id = arguments.positionals.front();
  PAW_TRY(work, workflow_context(context, arguments, wp_id));
  const workflow::ImplementRequest request{
      wp_id, arguments.value("--base"), arguments.value_or("--actor", ""), arguments.value_or("--agent", "")};
  const auto outcome = workflow::implement(context.environment, work.emitter, work.places, work.feature,
                                           request, context.warnings);
  work.keep_warnings(context);
  if (!outcome) return std::unexpected(outcome.error());
  Report report;
  report.data["feature_slug"] = outcome->feature_slug;
  report.data["wp_id"] = outcome->wp_id;
  report.data["from_lane"] = boost::json::string(protocol::name_of(outcome->from));
  report.data["to_lane"] = boost::json::string(protocol::name_of(outcome->to));
  report.data["event_id"] = id_or_null(outcome->event_id);
  report.data["stored"] = all_stored(context);
  report.data["worktree"] = outcome->worktree.string();
  report.data["branch"] = outcome->branch;
  report.text = fmt::format(
      "{} {}: {}\n  worktree  {}\n  branch    {}\n", outcome->feature_slug, outcome->wp_id,
      outcome->from == outcome->to
          ? "in progress already"
          : fmt::format("{} -> {}", protocol::name_of(outcome->from), protocol::name_of(outcome->to)),
      outcome->worktree.string(), outcome->branch);
  std::vector<Path> changed;
  if (outcome->changed_file) changed.push_back(*outcome->changed_file);
  commit_if_asked(context, arguments, work.places, changed,
                  fmt::format("{}: {} in progress", outcome->feature_slug, outcome->wp_id), report);
  return report;
}

}  // namespace pawprint::cli
