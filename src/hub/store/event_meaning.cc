#include "hub/store/event_meaning.h"

#include <boost/json.hpp>

#include "protocol/catalogue.h"

namespace pawprint::hub::store {
namespace {

using protocol::Envelope;
using protocol::Generation;

std::optional<std::string> text_of(const boost::json::object& payload, std::string_view name) {
  const auto* value = payload.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<protocol::Lane> lane_of(const boost::json::object& payload, std::string_view name) {
  const auto* value = payload.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return protocol::lane_of(value->get_string());
}

// Reads the parts of one event into `meaning`.
class Reader {
 public:
  Reader(protocol::ReadEvent& event, const std::string& project)
      : envelope_(event.envelope), generation_(event.generation), payload_(event.payload->get_object()) {
    meaning_.place.project_uuid = project;
    meaning_.row.order = {envelope_.lamport_clock, envelope_.node_id, envelope_.event_id};
    meaning_.row.timestamp = std::move(envelope_.timestamp);
  }

  EventMeaning read() {
    fact(FactKind::project_slug, std::move(envelope_.project_slug));
    fact(FactKind::repo_slug, std::move(envelope_.repo_slug));
    if (envelope_.event_type == "WPStatusChanged") read_transition();
    if (envelope_.event_type == "WPCreated") read_fact("title", FactKind::title);
    if (envelope_.event_type == "WPAssigned") read_fact("agent_id", FactKind::assignee);
    if (envelope_.event_type == "FeatureCreated") read_feature();
    return std::move(meaning_);
  }

 private:
  void fact(FactKind kind, std::optional<std::string> value) {
    if (value) meaning_.facts.push_back({kind, std::move(*value)});
  }

  bool touch_work_package() {
    auto wp_id = text_of(payload_, "wp_id");
    if (!wp_id) return false;
    auto feature = text_of(payload_, "feature_slug");
    if (!feature || feature->empty()) feature = kUnknownFeature;
    meaning_.place.feature_slug = std::move(*feature);
    meaning_.place.wp_id = std::move(*wp_id);
    return true;
  }

  void read_fact(std::string_view field, FactKind kind) {
    auto value = text_of(payload_, field);
    if (value && touch_work_package()) fact(kind, std::move(value));
  }

  void read_feature() {
    auto slug = text_of(payload_, "feature_slug");
    if (!slug) return;
    meaning_.place.feature_slug = std::move(*slug);
    fact(FactKind::feature_number, text_of(payload_, "feature_number"));
    fact(FactKind::target_branch, text_of(payload_, "target_branch"));
  }

  void read_transition() {
    const bool first = generation_ == Generation::g1;
    const auto from = lane_of(payload_, first ? "previous_status" : "from_lane");
    const auto to = lane_of(payload_, first ? "new_status" : "to_lane");
    if (!from || !to || !touch_work_package()) return;
    TransitionRow& row = meaning_.row;
    row.causation_id = std::move(envelope_.causation_id);
    row.from = *from;
    row.to = *to;
    row.actor = text_of(payload_, first ? "changed_by" : "actor");
    const auto* resolve = payload_.if_contains("resolve");
    row.resolve = resolve != nullptr && resolve->is_bool() && resolve->get_bool();
    row.older_client = envelope_.schema_version.empty();
    meaning_.is_transition = true;
  }

  Envelope& envelope_;
  const Generation generation_;
  const boost::json::object& payload_;
  EventMeaning meaning_;
};

}  // namespace

std::optional<EventMeaning> meaning_of(protocol::ReadEvent& event,
                                       const std::optional<std::string>& project_uuid) {
  if (!project_uuid || event.payload == nullptr || event.generation == Generation::g3) return std::nullopt;
  return Reader(event, *project_uuid).read();
}

}  // namespace pawprint::hub::store
