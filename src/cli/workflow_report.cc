#include "cli/workflow_report.h"

#include <algorithm>

#include "base/format.h"
#include "workflow/commit.h"

namespace pawprint::cli {

boost::json::value id_or_null(const std::optional<std::string>& event_id) {
  if (!event_id) return nullptr;
  return boost::json::value(*event_id);
}

bool all_stored(const Context& context) {
  return std::ranges::find(context.warnings.all(), workflow::kEventNotStored, &Warning::cause) ==
         context.warnings.all().end();
}

boost::json::array events_json(const std::vector<workflow::EmittedEvent>& events) {
  boost::json::array list;
  for (const workflow::EmittedEvent& event : events) {
    list.push_back(boost::json::object{{"event_id", event.event_id},
                                       {"event_type", event.event_type},
                                       {"aggregate_id", event.aggregate_id}});
  }
  return list;
}

void commit_if_asked(const Context& context, const Arguments& arguments, const project::Places& places,
                     std::span<const Path> files, const std::string& message, Report& report) {
  if (!arguments.flag("--commit")) return;
  auto committed = workflow::commit_files(context.environment, places, files, message);
  if (committed) return;
  committed.error().message =
      fmt::format("{}: that is done, but not committed: {}", message, committed.error().message);
  report.error = std::move(committed).error();
}

}  // namespace pawprint::cli
