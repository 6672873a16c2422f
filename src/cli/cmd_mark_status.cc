#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/workflow_context.h"
#include "cli/workflow_report.h"
#include "workflow/tasks_file.h"

namespace pawprint::cli {

Result<Report> run_mark_status(Context& context, const Arguments& arguments) {
  const std::string word = arguments.value_or("--status", "");
  if (word != "done" && word != "pending") {
    return fail(ErrorKind::usage, fmt::format("--status is done or pending, not {}", word),
                "pawprint mark-status --help");
  }
  const auto status = word == "done" ? workflow::TaskStatus::done : workflow::TaskStatus::pending;
  PAW_TRY(work, workflow_context(context, arguments, std::nullopt));
  PAW_TRY(outcome, workflow::mark_status(context.environment, work.feature, arguments.positionals, status));
  Report report;
  report.data["feature_slug"] = outcome.feature_slug;
  report.data["status"] = word;
  report.data["task_ids"] = boost::json::array(outcome.task_ids.begin(), outcome.task_ids.end());
  report.data["changed"] = boost::json::array(outcome.changed.begin(), outcome.changed.end());
  report.text = outcome.changed.empty() ? fmt::format("{}: {} already\n", outcome.feature_slug, word) : "";
  for (const std::string& id : outcome.changed) report.text += fmt::format("{}: {}\n", id, word);
  std::vector<Path> changed;
  if (!outcome.changed.empty()) changed.push_back(outcome.file);
  commit_if_asked(context, arguments, work.places, changed,
                  fmt::format("{}: subtasks {}", outcome.feature_slug, word), report);
  return report;
}

}  // namespace pawprint::cli
