#include "protocol/envelope.h"

#include <algorithm>
#include <charconv>

#include "protocol/json_string.h"

namespace pawprint::protocol {
namespace {

// Appends `,"name":` and lets the caller append the value.
void append_key(std::string& out, std::string_view name) {
  out += ",\"";
  out += name;
  out += "\":";
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  append_key(out, name);
  append_json_string(out, value);
}

void append_optional(std::string& out, std::string_view name, const std::optional<std::string>& value) {
  append_key(out, name);
  if (value) {
    append_json_string(out, *value);
  } else {
    out += "null";
  }
}

void append_number(std::string& out, std::string_view name, std::uint64_t value) {
  append_key(out, name);
  char digits[20];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  out.append(std::begin(digits), end);
}

// In JSON a raw line break can only stand between tokens, where any white space means the same.
void append_payload(std::string& out, std::string_view payload) {
  append_key(out, "payload");
  const auto start = static_cast<std::ptrdiff_t>(out.size());
  out += payload;
  const auto is_line_break = [](char c) { return c == '\n' || c == '\r'; };
  std::replace_if(out.begin() + start, out.end(), is_line_break, ' ');
}

}  // namespace

std::string write_envelope(const Envelope& envelope) {
  constexpr std::size_t kRoomForFields = 1024;
  std::string out;
  out.reserve(envelope.payload.size() + kRoomForFields);
  out += "{\"event_id\":";
  append_json_string(out, envelope.event_id);
  append_text(out, "event_type", envelope.event_type);
  append_text(out, "aggregate_id", envelope.aggregate_id);
  append_text(out, "aggregate_type", envelope.aggregate_type);
  append_payload(out, envelope.payload);
  append_text(out, "node_id", envelope.node_id);
  append_number(out, "lamport_clock", envelope.lamport_clock);
  append_optional(out, "causation_id", envelope.causation_id);
  append_optional(out, "correlation_id", envelope.correlation_id);
  append_text(out, "timestamp", envelope.timestamp);
  append_text(out, "team_slug", envelope.team_slug);
  append_optional(out, "project_uuid", envelope.project_uuid);
  append_optional(out, "project_slug", envelope.project_slug);
  append_optional(out, "git_branch", envelope.git_branch);
  append_optional(out, "head_commit_sha", envelope.head_commit_sha);
  append_optional(out, "repo_slug", envelope.repo_slug);
  if (!envelope.schema_version.empty()) append_text(out, "schema_version", envelope.schema_version);
  out += '}';
  return out;
}

}  // namespace pawprint::protocol
