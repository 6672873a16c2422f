#include "base/counted.h"
#include "base/format.h"
#include "base/shell_word.h"
#include "cli/command_functions.h"
#include "cli/workflow_context.h"
#include "cli/workflow_report.h"

namespace pawprint::cli {

Result<Report> run_accept(Context& context, const Arguments& arguments) {
  PAW_TRY(work, workflow_context(context, arguments, std::nullopt));
  const auto outcome = workflow::accept(context.environment, work.emitter, work.places, work.feature,
                                        arguments.value("--actor"), context.warnings);
  work.keep_warnings(context);
  if (!outcome) return std::unexpected(outcome.error());
  Report report;
  report.data["feature_slug"] = outcome->feature_slug;
  report.data["events"] = events_json(outcome->events);
  report.data["stored"] = all_stored(context);
  report.data["blockers"] = boost::json::array(outcome->blockers.begin(), outcome->blockers.end());
  if (!outcome->blockers.empty()) {
    for (const std::string& blocker : outcome->blockers) report.text += blocker + "\n";
    Error error;
    error.message = fmt::format("{} is not accepted: {} of its work packages stand in the way",
                                outcome->feature_slug, outcome->blockers.size());
    error.hint = fmt::format("pawprint status --feature {}", shell_word(outcome->feature_slug));
    report.error = std::move(error);
    return report;
  }
  report.text = outcome->changed_files.empty()
                    ? fmt::format("{}: nothing waits for review\n", outcome->feature_slug)
                    : fmt::format("{}: {} done\n", outcome->feature_slug,
                                  counted(outcome->changed_files.size(), "work package"));
  commit_if_asked(context, arguments, work.places, outcome->changed_files,
                  fmt::format("{}: accepted", outcome->feature_slug), report);
  return report;
}

}  // namespace pawprint::cli
