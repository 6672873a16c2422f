// The projection's tables: rows in and out. What goes into them is for hub/board to fold.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "hub/store/board_rows.h"
#include "hub/store/boards_schema.h"
#include "hub/store/database.h"
#include "hub/store/logged_event.h"

namespace pawprint::hub::store {

// Of a row (seq, body_hash).
BoardPosition position_in(const sqlite::Statement& row);

// One change of a team's projection: all of it or nothing. Holds the writers' mutex until destroyed; without
// finish() everything is rolled back. Not thread-safe. Errors are of kind `io` or `busy`.
class BoardUpdate {
 public:
  static Result<BoardUpdate> begin(Database& database, std::string_view team_id);

  const BoardPosition& position() const { return position_; }  // when the change began

  Result<void> clear();  // every row of the team, the position included

  // Behind those that the work package has.
  Result<void> add_transitions(const BoardKey& key, std::span<const TransitionRow* const> rows);
  Result<void> keep_latest(const BoardKey& key,
                           const FactRow& fact);  // no effect if a later one of the kind is there
  Result<void> put_card(const BoardKey& key, const CardRow& card);
  Result<void> put_feature(std::string_view project_uuid, std::string_view feature_slug);
  Result<void> put_project(std::string_view project_uuid, std::int64_t last_seen_ms);
  Result<void> add_to_node(std::string_view node_id, const NodeCounts& more);

  Result<void> finish(const BoardPosition& position);  // writes the position and commits

  // Instead of finish(): in place of the rows that are there come those of `other`, which has none then, its
  // position included. Commits.
  Result<void> finish_with_rows_of(std::string_view other);

 private:
  BoardUpdate(Write write, std::string_view team_id);
  Result<void> prepare();
  Result<void> put_run(const BoardKey& key, std::int64_t number, std::string_view changes);

  std::string team_id_;
  BoardPosition position_;
  Write write_;
  std::optional<sqlite::Statement> last_run_, put_run_, keep_fact_, put_card_;
};

// What a projection is, in short: the same position and the same sum of each table mean the same rows.
struct BoardFingerprint {
  BoardPosition position;
  std::vector<std::pair<std::string_view, Digest>> sums;  // by table, always the same tables in one order
};

// What a card is folded from.
struct CardRows {
  std::vector<TransitionRow> transitions;  // in the order of the log
  std::vector<FactRow> facts;
};

struct PlacedCard {
  std::string project_uuid;
  std::string feature_slug;
  CardRow card;
};

struct TeamCards {
  std::vector<PlacedCard> cards;
  BoardPosition position;  // of the projection that they are from
};

struct NodeRow {
  std::string node_id;
  NodeCounts counts;
  LoggedEvent last;  // without its meaning
};

struct NodeRows {
  std::vector<NodeRow> rows;  // whose last event is the newest stands first
  bool more = false;          // there are others behind them
};

// Thread-safe. Every call names the team, whose id comes from a token; a team without a projection has no
// rows. Each answer is one state of the tables.
class Boards {
 public:
  explicit Boards(Database& database) : database_(database) {}

  Result<BoardUpdate> update(std::string_view team_id) { return BoardUpdate::begin(database_, team_id); }

  Result<BoardPosition> position(std::string_view team_id);
  Result<std::uint64_t> events_behind();  // of all teams: in the log, but not in the projection yet
  Result<CardRows> card_rows(std::string_view team_id, const BoardKey& work_package);
  // By uuid, at most `limit` from `from` on; "" is before all.
  Result<std::vector<ProjectRow>> projects(std::string_view team_id, std::string_view from,
                                           std::size_t limit);
  Result<std::optional<FeatureRow>> feature(std::string_view team_id, std::string_view project_uuid,
                                            std::string_view feature_slug);
  // At most `limit` of those whose last event stands before seq `before`; fewer if these events add up to
  // more bytes than a batch may have.
  Result<NodeRows> nodes(std::string_view team_id, std::uint64_t before, std::size_t limit);
  // The first `limit` cards by project, feature and id.
  Result<TeamCards> all_cards(std::string_view team_id, std::size_t limit);
  Result<BoardFingerprint> fingerprint(std::string_view team_id);

 private:
  Database& database_;
};

}  // namespace pawprint::hub::store
