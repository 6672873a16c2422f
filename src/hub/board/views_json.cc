#include "hub/board/views_json.h"

#include "base/clock_source.h"
#include "base/format.h"
#include "protocol/envelope.h"

namespace pawprint::hub::board {
namespace {

using protocol::json_string;

std::string json_or_null(const std::optional<std::string>& text) {
  return text ? json_string(*text) : "null";
}

// `write` of each item, with commas between.
template <class Items, class WriteOne>
std::string joined(const Items& items, WriteOne write) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += ',';
    text += write(item);
  }
  return text;
}

std::string counts_json(const FeatureSummary& feature) {
  const std::string counts = joined(protocol::kLanes, [&](protocol::Lane lane) {
    return fmt::format("\"{}\":{}", protocol::name_of(lane), feature.counts[static_cast<std::size_t>(lane)]);
  });
  return fmt::format(R"({{"slug":{},"counts":{{{}}}}})", json_string(feature.slug), counts);
}

std::string work_package_json(const WorkPackageView& card) {
  return fmt::format(
      R"({{"wp_id":{},"title":{},"assignee":{},"agent":{},"since":{},"last_event_id":{},"conflict":{}}})",
      json_string(card.wp_id), json_string(card.title), json_or_null(card.assignee), json_or_null(card.agent),
      json_or_null(card.since), json_or_null(card.last_event_id), card.conflict_json.value_or("null"));
}

std::string side_json(const store::TransitionRow& side) {
  return fmt::format(
      R"({{"event_id":{},"actor":{},"node_id":{},"to_lane":"{}","lamport_clock":{},"timestamp":{}}})",
      json_string(side.order.event_id), json_or_null(side.actor), json_string(side.order.node_id),
      protocol::name_of(side.to), side.order.lamport_clock, json_string(side.timestamp));
}

std::string node_json(const NodeView& node) {
  return fmt::format(
      R"({{"node_id":{},"last_seen":{},"clock_ahead_ms":{},"events":{},"highest_lamport":{}}})",
      json_string(node.node_id), json_string(node.last_seen),
      node.clock_ahead_ms ? std::to_string(*node.clock_ahead_ms) : "null", node.events, node.highest_lamport);
}

}  // namespace

std::string project_json(const ProjectView& project) {
  return fmt::format(R"({{"uuid":{},"slug":{},"repo_slug":{},"last_seen":{},"features":[{}]}})",
                     json_string(project.uuid), json_or_null(project.slug), json_or_null(project.repo_slug),
                     json_string(project.last_seen), joined(project.features, counts_json));
}

std::string projects_json(const ProjectsPage& page) {
  return fmt::format(R"({{"projects":[{}],"next":{},"events_behind":{}}})",
                     joined(page.projects, project_json), json_or_null(page.next), page.events_behind);
}

std::string nodes_json(const NodesPage& page) {
  return fmt::format(R"({{"nodes":[{}],"next":{},"events_behind":{}}})", joined(page.nodes, node_json),
                     json_or_null(page.next), page.events_behind);
}

std::string feature_json(const FeatureView& feature) {
  const std::string lanes = joined(protocol::kLanes, [&](protocol::Lane lane) {
    const auto& cards = feature.lanes[static_cast<std::size_t>(lane)];
    return fmt::format("\"{}\":[{}]", protocol::name_of(lane), joined(cards, work_package_json));
  });
  return fmt::format(
      R"({{"project_uuid":{},"feature":{{"slug":{},"number":{},"target_branch":{}}},"as_of":{},"events_behind":{},"lanes":{{{}}}}})",
      json_string(feature.project_uuid), json_string(feature.slug), json_or_null(feature.number),
      json_or_null(feature.target_branch), json_string(feature.as_of), feature.events_behind, lanes);
}

std::string events_json(const EventsPage& page) {
  const std::string events = joined(page.events, [](const PagedEvent& event) {
    return fmt::format(R"({{"seq":{},"cursor":{},"received_at":{},"event":{}}})", event.seq,
                       json_string(event.cursor), json_string(event.received_at), event.event);
  });
  return fmt::format(R"({{"events":[{}],"next":{}}})", events, json_string(page.next));
}

std::string conflict_json(const Conflict& conflict) {
  return fmt::format(R"({{"from_lane":"{}","winner":{},"sides":[{},{}]}})",
                     protocol::name_of(conflict.winner.from), json_string(conflict.winner.order.event_id),
                     side_json(conflict.loser), side_json(conflict.winner));
}

}  // namespace pawprint::hub::board
