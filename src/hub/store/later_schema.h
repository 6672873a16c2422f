// The steps that came after the log and the projection (schema versions 1 and 2).
#pragma once

#include <string_view>

namespace pawprint::hub::store {

inline constexpr std::string_view kOwnersInsteadOfAdmins =
    "UPDATE memberships SET role = 'owner' WHERE role = 'admin'";

inline constexpr std::string_view kMachineTokensSchema = R"sql(
CREATE TABLE machine_tokens (
  token_id TEXT PRIMARY KEY,
  team_id TEXT NOT NULL REFERENCES teams(team_id),
  name TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  created_at_ms INTEGER NOT NULL,
  last_used_at_ms INTEGER,
  revoked_at_ms INTEGER
) WITHOUT ROWID;
)sql";

inline constexpr std::string_view kEventsByProject =
    "CREATE INDEX events_by_project ON events(team_id, project_uuid, seq)";

// Without an email (empty) it is for whoever has it.
inline constexpr std::string_view kInvitationsSchema = R"sql(
CREATE TABLE invitations (
  invitation_id TEXT PRIMARY KEY,
  team_id TEXT NOT NULL REFERENCES teams(team_id),
  role TEXT NOT NULL,
  email TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  expires_at_ms INTEGER NOT NULL,
  used_at_ms INTEGER
) WITHOUT ROWID;
)sql";

// Of what can still be accepted, nobody knows any more who made it.
inline constexpr std::string_view kInviters = R"sql(
DELETE FROM invitations WHERE used_at_ms IS NULL;
ALTER TABLE invitations ADD COLUMN inviter_id TEXT;
)sql";

// A number that changes, because SQLite writes no page that stays as it is.
inline constexpr std::string_view kWriteProbes =
    "ALTER TABLE hub_meta ADD COLUMN write_probes INTEGER NOT NULL DEFAULT 0";

// Status changes in runs of some ten (transition_run.h) in place of a row for each. The projection begins
// anew: all of it can be folded from the log.
inline constexpr std::string_view kTransitionRuns = R"sql(
DROP TABLE board_transitions;
CREATE TABLE board_transition_runs (
  team_id TEXT NOT NULL,
  project_uuid TEXT NOT NULL,
  feature_slug TEXT NOT NULL,
  wp_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  changes BLOB NOT NULL,
  PRIMARY KEY (team_id, project_uuid, feature_slug, wp_id, number)
) WITHOUT ROWID;
DELETE FROM board_positions;
DELETE FROM board_facts;
DELETE FROM board_cards;
DELETE FROM board_features;
DELETE FROM board_projects;
)sql";

// Machines, filled as far as the projection of their team has come. Row by row: a log is not sorted for it.
inline constexpr std::string_view kNodes = R"sql(
CREATE TABLE board_nodes (
  team_id TEXT NOT NULL,
  node_id TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  events INTEGER NOT NULL,
  highest_lamport INTEGER NOT NULL,
  PRIMARY KEY (team_id, node_id)
) WITHOUT ROWID;
INSERT INTO board_nodes
  SELECT team_id, e.node_id, e.seq, 1, e.lamport FROM board_positions p CROSS JOIN events e USING (team_id)
  WHERE e.seq <= p.seq AND e.node_id <> ''
  ON CONFLICT (team_id, node_id) DO UPDATE
    SET last_seq = max(last_seq, excluded.last_seq), events = events + 1,
        highest_lamport = max(highest_lamport, excluded.highest_lamport);
)sql";

}  // namespace pawprint::hub::store
