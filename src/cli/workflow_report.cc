#include "cli/workflow_report.h"

namespace pawprint::cli {

boost::json::value id_or_null(const std::optional<std::string>& event_id) {
  if (!event_id) return nullptr;
  return boost::json::value(*event_id);
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

}  // namespace pawprint::cli
