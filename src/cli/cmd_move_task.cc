#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/workflow_context.h"
#include "cli/workflow_report.h"
#include "workflow/transition.h"

namespace pawprint::cli {

Result<Report> run_move_task(Context& context, const Arguments& arguments) {
  const std::string lane_name = arguments.value_or("--to", "");
  const auto lane = protocol::lane_of(lane_name);
  if (!lane) {
    return fail(ErrorKind::invalid, fmt::format("there is no lane '{}'", lane_name),
                "pawprint move-task --help");
  }
  const std::string& wp_id = arguments.positionals.front();
  PAW_TRY(work, workflow_context(context, arguments, wp_id));
  workflow::Move move;
  move.to = *lane;
  move.actor = arguments.value_or("--actor", "");
  move.agent = arguments.value_or("--agent", "");
  move.reason = arguments.value_or("--reason", "");
  move.review_ref = arguments.value_or("--review-ref", "");
  move.force = arguments.flag("--force");
  move.resolve = arguments.flag("--resolve");
  const auto outcome = workflow::move_task(context.environment, work.emitter, work.places, work.feature,
                                           wp_id, std::move(move), context.warnings);
  work.keep_warnings(context);
  if (!outcome) return std::unexpected(outcome.error());
  const std::string_view from = protocol::name_of(outcome->from);
  const std::string_view to = protocol::name_of(outcome->to);
  Report report;
  report.data["feature_slug"] = outcome->feature_slug;
  report.data["wp_id"] = outcome->wp_id;
  report.data["from_lane"] = boost::json::string(from);
  report.data["to_lane"] = boost::json::string(to);
  report.data["event_id"] = id_or_null(outcome->event_id);
  report.data["stored"] = all_stored(context);
  report.text = outcome->changed
                    ? fmt::format("{} {}: {} -> {}\n", outcome->feature_slug, outcome->wp_id, from, to)
                    : fmt::format("{} {}: {} already\n", outcome->feature_slug, outcome->wp_id, to);
  std::vector<Path> changed;
  if (outcome->changed) changed.push_back(outcome->file);
  commit_if_asked(context, arguments, work.places, changed,
                  fmt::format("{}: {} {}", outcome->feature_slug, outcome->wp_id, to), report);
  return report;
}

}  // namespace pawprint::cli
