#include "base/counted.h"
#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/workflow_context.h"
#include "cli/workflow_report.h"
#include "workflow/finalize.h"

namespace pawprint::cli {

Result<Report> run_finalize_tasks(Context& context, const Arguments& arguments) {
  PAW_TRY(work, workflow_context(context, arguments, std::nullopt));
  const auto outcome = workflow::finalize_tasks(context.environment, work.emitter, work.places, work.feature,
                                                context.warnings);
  work.keep_warnings(context);
  if (!outcome) return std::unexpected(outcome.error());
  Report report;
  report.data["feature_slug"] = outcome->feature_slug;
  report.data["events"] = events_json(outcome->events);
  report.data["stored"] = all_stored(context);
  report.text =
      fmt::format("{}: {} recorded", outcome->feature_slug, counted(outcome->events.size(), "event"));
  if (outcome->already_known > 0) report.text += fmt::format(", {} known already", outcome->already_known);
  report.text += "\n";
  return report;
}

}  // namespace pawprint::cli
