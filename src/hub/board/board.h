// The board: projects, features and work packages as fold(log), kept in tables that one read of them answers
// from.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hub/store/board_rows.h"
#include "hub/store/store.h"

namespace pawprint::hub::board {

using FeatureSummary = store::FeatureCounts;
using WorkPackageView = store::CardRow;

struct ProjectView {
  std::string uuid;
  std::optional<std::string> slug;
  std::optional<std::string> repo_slug;
  std::string last_seen;  // when its newest event was received, RFC 3339
  std::vector<FeatureSummary> features;
};

struct FeatureView {
  std::string project_uuid;
  std::string slug;
  std::optional<std::string> number;
  std::optional<std::string> target_branch;
  std::string as_of;                                  // the cursor of the last event that the view contains
  std::array<std::vector<WorkPackageView>, 7> lanes;  // indexed by protocol::Lane; by wp_id
};

// Thread-safe. One Board per Store: its mutex is what keeps two folds of a team apart. Calls block for the
// disk; errors are the store's. The reading calls take in first what is new in the log.
class Board {
 public:
  // `chunk_events` is how many events one transaction takes in. The store must outlive the board.
  explicit Board(store::Store& store, std::size_t chunk_events = 200)
      : store_(store), chunk_events_(chunk_events) {}

  // Takes in what the log has beyond the projection; cheap when there is nothing.
  Result<void> catch_up(std::string_view team_id);

  // Empties the team's projection and folds it again from the start of the log.
  Result<void> rebuild(std::string_view team_id);

  Result<std::vector<ProjectView>> projects(std::string_view team_id);  // by uuid

  // nullopt: the team has no such feature.
  Result<std::optional<FeatureView>> feature(std::string_view team_id, std::string_view project_uuid,
                                             std::string_view slug);

 private:
  Result<void> catch_up_locked(std::string_view team_id);

  store::Store& store_;
  const std::size_t chunk_events_;
  std::mutex folding_;
};

}  // namespace pawprint::hub::board
