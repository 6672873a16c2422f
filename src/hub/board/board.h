// The board: projects, features and work packages as fold(log), kept in tables that one read of them answers
// from.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hub/store/board_rows.h"
#include "hub/store/store.h"

namespace pawprint::hub::board {

class Projection;
using FeatureSummary = store::FeatureCounts;
using WorkPackageView = store::CardRow;

struct ProjectView {
  std::string uuid;
  std::optional<std::string> slug;
  std::optional<std::string> repo_slug;
  std::string last_seen;  // when its newest event was received, RFC 3339
  std::vector<FeatureSummary> features;
};

struct ProjectsPage {
  std::vector<ProjectView> projects;  // by uuid
  std::optional<std::string> next;    // the cursor of the page behind it; nullopt: there is none
  std::uint64_t events_behind = 0;    // as of a feature
};

struct NodeView {
  std::string node_id;
  std::string last_seen;  // when its last event was received, RFC 3339
  // How far the timestamp of that event was ahead of the hub's clock then, 0 if it was not; nullopt: it has
  // none, or is damaged.
  std::optional<std::int64_t> clock_ahead_ms;
  std::uint64_t events = 0;
  std::uint64_t highest_lamport = 0;
};

struct NodesPage {
  std::vector<NodeView> nodes;      // who was seen last stands first
  std::optional<std::string> next;  // as of projects
  std::uint64_t events_behind = 0;  // as of a feature
};

struct FeatureView {
  std::string project_uuid;
  std::string slug;
  std::optional<std::string> number;
  std::optional<std::string> target_branch;
  std::string as_of;                                  // the cursor of the last event that the view contains
  std::uint64_t events_behind = 0;                    // that the log has and the view does not
  std::array<std::vector<WorkPackageView>, 7> lanes;  // indexed by protocol::Lane; by wp_id
};

// Thread-safe. One Board per Store: its locks are what keep two folds of a team apart; teams do not wait for
// each other. Calls block for the disk; errors are the store's.
//
// The reading calls take in first what is new in the log, but no more than so many events: a reader does not
// wait for a long log to be folded, and is told what is missing.
class Board {
 public:
  // `chunk_events` is how many events one transaction takes in. The store must outlive the board.
  explicit Board(store::Store& store, std::size_t chunk_events = 4000);
  ~Board();

  // Takes in what the log has beyond the projection now; cheap when there is nothing. In steps, between which
  // others of the team get their turn. Stopped: kind `interrupted`.
  Result<void> catch_up(std::string_view team_id, const std::stop_token& stop = {});

  // Takes in one chunk of that. false: nothing is left.
  Result<bool> advance(std::string_view team_id);

  // Folds the team's log again from its start and puts the outcome in place of what is there, at once: until
  // then readers see the board as it was. Blocks for as long as that takes; two of a team take turns.
  // Stopped: kind `interrupted`.
  Result<void> rebuild(std::string_view team_id, const std::stop_token& stop = {});

  // At most `limit`, from the cursor of an earlier page on (nullopt: from the first). Kind `invalid`: it
  // cannot be continued, as it is of another list, team or epoch, or none; the reader starts over.
  Result<ProjectsPage> projects(std::string_view team_id, std::optional<std::string_view> after,
                                std::size_t limit);

  // nullopt: the team has no such project. Kind `failed`: as of a feature.
  Result<std::optional<ProjectView>> project(std::string_view team_id, std::string_view uuid);

  // nullopt: the team has no such feature. Kind `failed`: it may have, in events that are missing yet.
  Result<std::optional<FeatureView>> feature(std::string_view team_id, std::string_view project_uuid,
                                             std::string_view slug);

  // As projects(). Who sends meanwhile moves to the first page.
  Result<NodesPage> nodes(std::string_view team_id, std::optional<std::string_view> after, std::size_t limit);

 private:
  struct Team;
  Team& team(std::string_view team_id);
  Result<store::SharedEvents> read(const Team& team, const Projection& projection, std::uint64_t after_seq,
                                   std::size_t limit);
  // Takes in one chunk. The position then.
  Result<std::uint64_t> step(Team& team, Projection& projection, std::string_view key);
  Result<void> fold_until(std::uint64_t seq, Team& team, Projection& projection, std::string_view key,
                          const std::stop_token& stop);
  Result<std::uint64_t> catch_up_for_reader(std::string_view team_id);  // what is missing still

  store::Store& store_;
  const std::size_t chunk_events_;
  std::mutex teams_mutex_;
  std::map<std::string, std::unique_ptr<Team>, std::less<>> teams_;  // none is ever removed
};

}  // namespace pawprint::hub::board
