// The rows of the projection, as the fold and the readers of the board see them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/lanes.h"
#include "protocol/order.h"

namespace pawprint::hub::store {

// A work package; wp_id is empty for facts of a feature, feature_slug too for facts of a project.
struct BoardKey {
  std::string project_uuid;
  std::string feature_slug;
  std::string wp_id;
  auto operator<=>(const BoardKey&) const = default;
};

// One status change of a work package.
struct TransitionRow {
  protocol::OrderKey order;
  std::optional<std::string> causation_id;
  protocol::Lane from = protocol::Lane::planned;
  protocol::Lane to = protocol::Lane::planned;
  std::optional<std::string> actor;
  std::string timestamp;
  bool resolve = false;       // a person's decision between two sides of a conflict
  bool older_client = false;  // its program does not say through causation_id what it had seen
};

// What the board remembers of one thing besides its transitions. Of each kind it is the latest in the total
// order.
enum class FactKind { title, assignee, feature_number, target_branch, project_slug, repo_slug };
inline constexpr std::size_t kFactKinds = 6;
std::string_view name_of(FactKind kind);  // as the tables have it
std::optional<FactKind> fact_kind_of(std::string_view name);

struct FactRow {
  FactKind kind = FactKind::title;
  protocol::OrderKey order;
  std::string timestamp;
  std::string value;
};

struct CardRow {
  std::string wp_id;
  protocol::Lane lane = protocol::Lane::planned;
  std::string title;
  std::optional<std::string> assignee;
  std::optional<std::string> agent;
  std::optional<std::string> since;          // timestamp of the event that brought it here
  std::optional<std::string> last_event_id;  // that event
  std::optional<std::string> conflict_json;  // an object; nullopt: no open conflict
  bool operator==(const CardRow&) const = default;
};

using BodyHashPrefix = std::array<std::uint8_t, 8>;

// How far the projection has read the log; seq 0 and zeros before the first event.
struct BoardPosition {
  std::uint64_t seq = 0;
  BodyHashPrefix body_hash{};  // the first bytes of the body hash at seq
};

using LaneCounts = std::array<std::uint64_t, 7>;  // indexed by protocol::Lane

struct FeatureCounts {
  std::string slug;
  LaneCounts counts{};
};

struct ProjectRow {
  std::string uuid;
  std::optional<std::string> slug;
  std::optional<std::string> repo_slug;
  std::int64_t last_seen_ms = 0;
  std::vector<FeatureCounts> features;  // by slug
};

// What a machine has sent; none has an empty id.
struct NodeCounts {
  std::uint64_t last_seq = 0;  // its last event
  std::uint64_t events = 0;
  std::uint64_t highest_lamport = 0;
};

struct FeatureRow {
  std::optional<std::string> number;
  std::optional<std::string> target_branch;
  std::vector<CardRow> cards;  // by wp_id
  BoardPosition position;
};

}  // namespace pawprint::hub::store
