#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/report.h"
#include "cli/workflow_context.h"
#include "workflow/status.h"

namespace pawprint::cli {
namespace {

boost::json::object json_of(const workflow::WorkPackageStatus& work_package) {
  boost::json::object object;
  object["wp_id"] = work_package.wp_id;
  object["title"] = work_package.title;
  object["assignee"] = work_package.assignee;
  object["agent"] = work_package.agent;
  object["waits_for"] = boost::json::array(work_package.waits_for.begin(), work_package.waits_for.end());
  object["open_boxes"] = work_package.open_boxes;
  return object;
}

std::string line_of(const workflow::WorkPackageStatus& work_package) {
  std::string line = fmt::format("  {}  {}", work_package.wp_id, work_package.title);
  if (!work_package.agent.empty()) line += fmt::format("  [{}]", work_package.agent);
  if (work_package.open_boxes > 0) line += fmt::format("  {} open", work_package.open_boxes);
  if (!work_package.waits_for.empty()) {
    line += "  waits for";
    for (const std::string& id : work_package.waits_for) line += " " + id;
  }
  return line + "\n";
}

// The lanes are shown all the same; the exit code tells that they are not all.
void add_problems(const workflow::FeatureStatus& status, Report& report) {
  boost::json::array list;
  for (const Error& problem : status.problems) list.push_back(error_json(problem));
  report.data["problems"] = std::move(list);
  if (status.problems.empty()) return;
  report.text += "problems\n";
  for (const Error& problem : status.problems) report.text += fmt::format("  {}\n", with_place(problem));
  const Error& first = status.problems.front();
  Error error = first;
  if (status.problems.size() > 1) {
    error = {};
    error.kind = ErrorKind::invalid;
    error.message =
        fmt::format("{} work packages of {} cannot be used", status.problems.size(), status.feature_slug);
  }
  error.hint = first.hint;
  report.error = std::move(error);
}

}  // namespace

Result<Report> run_status(Context& context, const Arguments& arguments) {
  PAW_TRY(work, workflow_context(context, arguments, std::nullopt));
  PAW_TRY(status, workflow::feature_status(context.environment, work.feature));
  Report report;
  boost::json::object lanes;
  report.text = fmt::format("{}\n", status.feature_slug);
  for (const workflow::LaneStatus& lane : status.lanes) {
    boost::json::array cards;
    if (!lane.work_packages.empty()) report.text += fmt::format("{}\n", protocol::name_of(lane.lane));
    for (const workflow::WorkPackageStatus& work_package : lane.work_packages) {
      cards.push_back(json_of(work_package));
      report.text += line_of(work_package);
    }
    lanes[protocol::name_of(lane.lane)] = std::move(cards);
  }
  report.data["feature_slug"] = status.feature_slug;
  report.data["friendly_name"] = status.friendly_name;
  report.data["lanes"] = std::move(lanes);
  add_problems(status, report);
  return report;
}

}  // namespace pawprint::cli
