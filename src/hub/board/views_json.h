// The views as the JSON texts that the hub answers with (docs/protocol.md, reading).
#pragma once

#include <string>

#include "hub/board/board.h"
#include "hub/board/events_page.h"
#include "hub/board/fold.h"

namespace pawprint::hub::board {

// {"uuid","slug","repo_slug","last_seen","features":[{"slug","counts":{lane:n}}]}
std::string project_json(const ProjectView& project);

// {"projects":[project],"next":cursor,"events_behind"}
std::string projects_json(const ProjectsPage& page);

// {"nodes":[{"node_id","last_seen","clock_ahead_ms","events","highest_lamport"}],"next":cursor,"events_behind"}
std::string nodes_json(const NodesPage& page);

// {"project_uuid","feature":{"slug","number","target_branch"},"as_of","lanes":{lane:[work package]}}, all
// seven lanes
std::string feature_json(const FeatureView& feature);

// {"events":[{"seq","cursor","received_at","event":{...}}],"next":cursor}; each event byte for byte as it
// came
std::string events_json(const EventsPage& page);

// {"from_lane","winner":event_id,"sides":[{"event_id","actor","node_id","to_lane","lamport_clock","timestamp"}]},
// the loser first
std::string conflict_json(const Conflict& conflict);

}  // namespace pawprint::hub::board
