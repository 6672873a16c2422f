// The event envelope (docs/protocol.md): the one writer and the one reader of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawprint::protocol {

struct Envelope {
  std::string event_id;  // ULID upper-case or UUID lower-case
  std::string event_type;
  std::string aggregate_id;
  std::string aggregate_type;
  std::string payload;  // JSON object, as text; written and kept byte for byte
  std::string node_id;
  std::uint64_t lamport_clock = 0;
  std::optional<std::string> causation_id;
  std::optional<std::string> correlation_id;
  std::string timestamp;  // RFC 3339, UTC
  std::string team_slug;  // "local" while the project is linked to no team
  std::optional<std::string> project_uuid;
  std::optional<std::string> project_slug;
  std::optional<std::string> git_branch;
  std::optional<std::string> head_commit_sha;
  std::optional<std::string> repo_slug;
  std::string schema_version = "2.0";  // empty when read from an event without it, and then not written
};

// One line of JSON, keys in the order of the struct, no newline. `payload` must be a JSON object; line breaks
// between its tokens are written as spaces, every other byte as it is. Absent optional fields are written as
// null.
std::string write_envelope(const Envelope& envelope);

// Reads and checks an event: UTF-8, no duplicate keys, depth, required fields, types, ids (normalised), hub
// words. `payload` is the exact slice of `json`; whether it fits its event type is check_payload's question.
// Unknown fields are ignored. What an older generation does not have (team_slug and
// aggregate_type of g1; all but event_id of g3) may be absent and is then empty or 0. Of g3 forms are not
// checked: an id of another form is as absent.
// Kind `invalid`. Error::path names the JSON path; it is empty if `json` is not one JSON object at all, and
// then Error::line is set if it is not JSON.
Result<Envelope> read_envelope(std::string_view json);

// `text` as a JSON string, quotes included, escaped as RFC 8785 does. A byte that is not UTF-8 becomes
// U+FFFD.
std::string json_string(std::string_view text);

}  // namespace pawprint::protocol
