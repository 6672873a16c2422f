// The tables of the projection: everything in them can be folded from the log again.
#pragma once

#include <string_view>

namespace pawprint::hub::store {

// board_transitions and board_facts are what the fold of one work package needs; board_cards is its result.
// Clustered by work package, so that the fold and the board read neighbouring rows.
inline constexpr std::string_view kBoardsSchema = R"sql(
CREATE TABLE board_positions (
  team_id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  body_hash BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE board_transitions (
  team_id TEXT NOT NULL,
  project_uuid TEXT NOT NULL,
  feature_slug TEXT NOT NULL,
  wp_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  causation_id TEXT,
  from_lane TEXT NOT NULL,
  to_lane TEXT NOT NULL,
  lamport_clock INTEGER NOT NULL,
  node_id TEXT NOT NULL,
  actor TEXT,
  timestamp TEXT NOT NULL,
  resolve INTEGER NOT NULL,
  older_client INTEGER NOT NULL,
  PRIMARY KEY (team_id, project_uuid, feature_slug, wp_id, event_id)
) WITHOUT ROWID;
CREATE TABLE board_facts (
  team_id TEXT NOT NULL,
  project_uuid TEXT NOT NULL,
  feature_slug TEXT NOT NULL,
  wp_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  lamport_clock INTEGER NOT NULL,
  node_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  timestamp TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (team_id, project_uuid, feature_slug, wp_id, kind)
) WITHOUT ROWID;
CREATE TABLE board_cards (
  team_id TEXT NOT NULL,
  project_uuid TEXT NOT NULL,
  feature_slug TEXT NOT NULL,
  wp_id TEXT NOT NULL,
  lane TEXT NOT NULL,
  title TEXT NOT NULL,
  assignee TEXT,
  agent TEXT,
  since TEXT,
  last_event_id TEXT,
  conflict_json TEXT,
  PRIMARY KEY (team_id, project_uuid, feature_slug, wp_id)
) WITHOUT ROWID;
CREATE TABLE board_features (
  team_id TEXT NOT NULL,
  project_uuid TEXT NOT NULL,
  feature_slug TEXT NOT NULL,
  PRIMARY KEY (team_id, project_uuid, feature_slug)
) WITHOUT ROWID;
CREATE TABLE board_projects (
  team_id TEXT NOT NULL,
  project_uuid TEXT NOT NULL,
  last_seen_ms INTEGER NOT NULL,
  PRIMARY KEY (team_id, project_uuid)
) WITHOUT ROWID;
)sql";

}  // namespace pawprint::hub::store
