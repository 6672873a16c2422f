#include "client/compose.h"

#include <boost/json/value.hpp>
#include <limits>

#include "base/format.h"
#include "base/printable.h"
#include "protocol/catalogue.h"
#include "protocol/ids.h"
#include "protocol/json.h"
#include "protocol/limits.h"

namespace pawprint::client {
namespace {

std::unexpected<Error> at_path(std::string path, std::string_view why) {
  auto error = fail(ErrorKind::invalid, fmt::format("the event is not valid: {}: {}", path, why));
  error.error().path = std::move(path);
  return error;
}

// The writer would put U+FFFD in the place of what is none.
bool is_text(std::string_view text) {
  return valid_utf8(text) == text;
}

Result<void> check_names(const Event& event) {
  if (event.event_type.empty()) return at_path("event_type", "is empty");
  if (event.aggregate_id.empty()) return at_path("aggregate_id", "is empty");
  if (event.aggregate_type.empty()) return at_path("aggregate_type", "is empty");
  if (!is_text(event.event_type)) return at_path("event_type", "is not UTF-8");
  if (!is_text(event.aggregate_id)) return at_path("aggregate_id", "is not UTF-8");
  if (!is_text(event.aggregate_type)) return at_path("aggregate_type", "is not UTF-8");
  if (event.event_id && !protocol::normalised_event_id(*event.event_id)) {
    return at_path("event_id", "is neither a ULID nor a UUID");
  }
  if (event.causation_id && !protocol::normalised_event_id(*event.causation_id)) {
    return at_path("causation_id", "is neither a ULID nor a UUID");
  }
  return {};
}

// Without writing it: a byte of text becomes six at most.
bool surely_fits(const protocol::Envelope& envelope) {
  constexpr std::size_t kKeysAndNumbers = 1024;
  constexpr std::size_t kWorstEscape = 6;
  std::size_t text = 0;
  for (const std::string* each :
       {&envelope.event_id, &envelope.event_type, &envelope.aggregate_id, &envelope.aggregate_type,
        &envelope.node_id, &envelope.timestamp, &envelope.team_slug, &envelope.schema_version}) {
    text += each->size();
  }
  for (const std::optional<std::string>* each :
       {&envelope.causation_id, &envelope.correlation_id, &envelope.project_uuid, &envelope.project_slug,
        &envelope.git_branch, &envelope.head_commit_sha, &envelope.repo_slug}) {
    text += *each ? (*each)->size() : 0;
  }
  return envelope.payload.size() + kWorstEscape * text + kKeysAndNumbers <= protocol::max_bytes_per_event;
}

}  // namespace

protocol::Envelope compose(const Event& event, const Stamp& stamp, const outbox::Link* link,
                           std::string event_id, std::string timestamp) {
  protocol::Envelope envelope;
  envelope.event_id = std::move(event_id);
  envelope.event_type = event.event_type;
  envelope.aggregate_id = event.aggregate_id;
  envelope.aggregate_type = event.aggregate_type;
  envelope.payload = event.payload;
  envelope.node_id = stamp.node_id;
  envelope.causation_id = event.causation_id;
  envelope.timestamp = std::move(timestamp);
  envelope.team_slug = link != nullptr ? link->team_slug : "local";
  envelope.project_uuid = stamp.identity.uuid;
  if (!stamp.identity.slug.empty()) envelope.project_slug = stamp.identity.slug;
  envelope.git_branch = stamp.git.branch;
  envelope.head_commit_sha = stamp.git.head_commit_sha;
  envelope.repo_slug = stamp.identity.repo_slug ? stamp.identity.repo_slug : stamp.git.repo_slug;
  return envelope;
}

Result<void> check_event(const Event& event) {
  PAW_TRY(named, check_names(event));
  auto payload = protocol::parse_json(event.payload);
  if (!payload) {
    Error error = std::move(payload).error();
    error.path = "payload";
    error.message = "the event is not valid: payload: " + error.message;
    return std::unexpected(std::move(error));
  }
  if (!payload->is_object()) return at_path("payload", "is not a JSON object");
  auto checked = protocol::check_payload(protocol::Generation::g2, event.event_type, *payload);
  if (!checked) checked.error().message = "the event is not valid: " + checked.error().message;
  return checked;
}

Result<void> check_size(const protocol::Envelope& checked) {
  if (surely_fits(checked)) return {};
  protocol::Envelope envelope = checked;
  envelope.lamport_clock = std::numeric_limits<std::int64_t>::max();  // the longest one that can be taken
  const std::size_t bytes = protocol::write_envelope(envelope).size();
  if (bytes <= protocol::max_bytes_per_event) return {};
  return at_path("payload", fmt::format("the event has {} bytes, and a hub takes {} at most", bytes,
                                        protocol::max_bytes_per_event));
}

}  // namespace pawprint::client
