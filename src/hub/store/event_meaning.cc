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
  const auto text = text_of(payload, name);
  return text ? protocol::lane_of(*text) : std::nullopt;
}

// Reads the parts of one event into `meaning`.
class Reader {
 public:
  Reader(const protocol::ReadEvent& event, const std::string& project)
      : envelope_(event.envelope),
        generation_(event.generation),
        payload_(event.payload->get_object()),
        project_(project) {}

  EventMeaning read() {
    if (envelope_.project_slug) fact({project_, {}, {}}, FactKind::project_slug, *envelope_.project_slug);
    if (envelope_.repo_slug) fact({project_, {}, {}}, FactKind::repo_slug, *envelope_.repo_slug);
    if (envelope_.event_type == "WPStatusChanged") read_transition();
    if (envelope_.event_type == "WPCreated") read_fact("title", FactKind::title);
    if (envelope_.event_type == "WPAssigned") read_fact("agent_id", FactKind::assignee);
    if (envelope_.event_type == "FeatureCreated") read_feature();
    return std::move(meaning_);
  }

 private:
  protocol::OrderKey order() const {
    return {envelope_.lamport_clock, envelope_.node_id, envelope_.event_id};
  }

  void fact(BoardKey key, FactKind kind, std::string value) {
    meaning_.facts.emplace_back(std::move(key),
                                FactRow{kind, order(), envelope_.timestamp, std::move(value)});
  }

  std::optional<BoardKey> touch_work_package() {
    const auto wp_id = text_of(payload_, "wp_id");
    if (!wp_id) return std::nullopt;
    auto feature = text_of(payload_, "feature_slug");
    if (!feature || feature->empty()) feature = kUnknownFeature;
    meaning_.feature = BoardKey{project_, *feature, {}};
    meaning_.work_package = BoardKey{project_, *feature, *wp_id};
    return meaning_.work_package;
  }

  void read_fact(std::string_view field, FactKind kind) {
    const auto value = text_of(payload_, field);
    if (!value) return;
    if (const auto key = touch_work_package()) fact(*key, kind, *value);
  }

  void read_feature() {
    const auto slug = text_of(payload_, "feature_slug");
    if (!slug) return;
    const BoardKey key{project_, *slug, {}};
    meaning_.feature = key;
    if (auto number = text_of(payload_, "feature_number")) fact(key, FactKind::feature_number, *number);
    if (auto branch = text_of(payload_, "target_branch")) fact(key, FactKind::target_branch, *branch);
  }

  void read_transition() {
    const bool first = generation_ == Generation::g1;
    const auto from = lane_of(payload_, first ? "previous_status" : "from_lane");
    const auto to = lane_of(payload_, first ? "new_status" : "to_lane");
    if (!from || !to) return;
    const auto key = touch_work_package();
    if (!key) return;
    TransitionRow row;
    row.order = order();
    row.causation_id = envelope_.causation_id;
    row.from = *from;
    row.to = *to;
    row.actor = text_of(payload_, first ? "changed_by" : "actor");
    row.timestamp = envelope_.timestamp;
    const auto* resolve = payload_.if_contains("resolve");
    row.resolve = resolve != nullptr && resolve->is_bool() && resolve->get_bool();
    row.older_client = envelope_.schema_version.empty();
    meaning_.transition.emplace(*key, std::move(row));
  }

  const Envelope& envelope_;
  const Generation generation_;
  const boost::json::object& payload_;
  const std::string& project_;
  EventMeaning meaning_;
};

}  // namespace

std::optional<EventMeaning> meaning_of(const protocol::ReadEvent& event,
                                       const std::optional<std::string>& project_uuid) {
  if (!project_uuid || event.payload == nullptr || event.generation == Generation::g3) return std::nullopt;
  return Reader(event, *project_uuid).read();
}

}  // namespace pawprint::hub::store
