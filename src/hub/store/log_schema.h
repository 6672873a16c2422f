// The tables of the log, of users and of sessions: schema version 1.
#pragma once

#include <string_view>

namespace pawprint::hub::store {

// events is a rowid table on purpose: bodies do not belong into a clustered key, and rows are added at the
// end.
inline constexpr std::string_view kLogSchema = R"sql(
CREATE TABLE hub_meta (
  epoch TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
);
CREATE TABLE teams (
  team_id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  head_seq INTEGER NOT NULL DEFAULT 0,
  highest_lamport INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE users (
  user_id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL
);
CREATE TABLE memberships (
  user_id TEXT NOT NULL REFERENCES users(user_id),
  team_id TEXT NOT NULL REFERENCES teams(team_id),
  role TEXT NOT NULL,
  is_default INTEGER NOT NULL,
  PRIMARY KEY (user_id, team_id)
) WITHOUT ROWID;
CREATE TABLE events (
  team_id TEXT NOT NULL REFERENCES teams(team_id),
  seq INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  project_uuid TEXT,
  event_type TEXT NOT NULL,
  lamport INTEGER NOT NULL,
  node_id TEXT NOT NULL,
  received_at_ms INTEGER NOT NULL,
  body BLOB NOT NULL,
  body_hash BLOB NOT NULL,
  PRIMARY KEY (team_id, seq),
  UNIQUE (team_id, event_id)
);
CREATE TABLE refresh_families (
  family_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(user_id),
  team_id TEXT NOT NULL REFERENCES teams(team_id),
  revoked INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE refresh_tokens (
  token_hash BLOB PRIMARY KEY,
  family_id TEXT NOT NULL REFERENCES refresh_families(family_id),
  parent_hash BLOB UNIQUE,
  used_at_ms INTEGER,
  expires_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_family ON refresh_tokens(family_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens(expires_at_ms);
)sql";

}  // namespace pawprint::hub::store
