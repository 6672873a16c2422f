#include <boost/json/value.hpp>

#include "base/sabotage.h"
#include "protocol/catalogue.h"
#include "protocol/envelope.h"
#include "protocol/forms.h"
#include "protocol/ids.h"
#include "protocol/json.h"
#include "protocol/member_slice.h"
#include "protocol/read_fields.h"
#include "protocol/refusal.h"

namespace pawprint::protocol {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::string_view kHubWords[] = {"seq", "cursor", "received_at"};

// Reads the fields of one event, in the strictness of its generation.
class Fields {
 public:
  Fields(const object& event, Generation generation) : event_(event), generation_(generation) {}

  // A string that must be there. `since`: the generations before it did not have the field.
  Result<std::string> text(std::string_view name, Generation since = Generation::g1) const {
    const value* found = event_.if_contains(name);
    if (found == nullptr) {
      if (is_optional(since)) return std::string();
      return refuse(std::string(name), "missing field");
    }
    if (!found->is_string()) return refuse(std::string(name), "expected a string");
    return std::string(found->get_string());
  }

  Result<std::string> text_nonempty(std::string_view name, Generation since = Generation::g1) const {
    PAW_TRY(read, text(name, since));
    if (read.empty() && event_.contains(name))
      return refuse(std::string(name), "expected a string that is not empty");
    return read;
  }

  Result<std::optional<std::string>> nullable_text(std::string_view name) const {
    const value* found = event_.if_contains(name);
    if (found == nullptr || found->is_null()) return std::nullopt;
    if (!found->is_string()) return refuse(std::string(name), "expected a string or null");
    return std::string(found->get_string());
  }

  Result<std::optional<std::string>> nullable_id(std::string_view name) const {
    PAW_TRY(read, nullable_text(name));
    if (!read) return std::nullopt;
    std::optional<std::string> id = normalised_event_id(*read);
    if (!id) return refuse(std::string(name), "expected a ULID, a UUID or null");
    return id;
  }

  Result<std::optional<std::string>> project_uuid() const {
    PAW_TRY(read, nullable_text("project_uuid"));
    if (!read) return std::nullopt;
    std::optional<std::string> uuid = normalised_uuid_v4(*read);
    if (!uuid && generation_ != Generation::g3)
      return refuse("project_uuid", "expected a UUID of version 4 or null");
    return uuid;
  }

  Result<std::string> timestamp() const {
    PAW_TRY(read, text("timestamp"));
    const bool is_absent = read.empty() && !event_.contains("timestamp");
    if (!is_absent && !is_utc_date_time(read)) {
      return refuse("timestamp", "expected a date and time in UTC (RFC 3339), as in 2026-02-03T12:00:00Z");
    }
    return read;
  }

  Result<std::uint64_t> lamport_clock() const {
    const value* found = event_.if_contains("lamport_clock");
    if (found == nullptr && is_optional(Generation::g1)) return 0;
    if (found == nullptr) return refuse("lamport_clock", "missing field");
    if (found->is_uint64()) return found->get_uint64();
    if (found->is_int64() && found->get_int64() >= 0) return static_cast<std::uint64_t>(found->get_int64());
    return refuse("lamport_clock", "expected an integer from 0 to 18446744073709551615");
  }

 private:
  bool is_optional(Generation since) const { return generation_ == Generation::g3 || generation_ < since; }

  const object& event_;
  Generation generation_;
};

Result<std::string> read_event_id(const object& event) {
  PAW_TRY(read, Fields(event, Generation::g1).text("event_id"));
  std::optional<std::string> id = normalised_event_id(read);
  if (!id) return refuse("event_id", "expected a ULID or a UUID");
  return std::move(*id);
}

Result<void> check_hub_words(const object& event) {
  for (const std::string_view word : kHubWords) {
    if (event.contains(word) && !sabotaged("trust-event-keys"))
      return refuse(std::string(word), "a word of the hub, which an event must not carry");
  }
  return {};
}

std::string string_or_empty(const object& event, std::string_view name) {
  const value* found = event.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

// g3 events are accepted without one for now.
Result<const value*> read_payload(const object& event, Generation generation) {
  const value* payload = event.if_contains("payload");
  if (payload == nullptr && generation != Generation::g3) return refuse("payload", "missing field");
  if (payload != nullptr && !payload->is_object()) return refuse("payload", "expected an object");
  return payload;
}

Generation generation_of_event(const object& event) {
  static const object kNoPayload;
  const value* payload = event.if_contains("payload");
  const bool is_object = payload != nullptr && payload->is_object();
  return generation_of(string_or_empty(event, "event_type"), string_or_empty(event, "schema_version"),
                       is_object ? payload->get_object() : kNoPayload);
}

Result<void> read_origin(const Fields& fields, Envelope& envelope) {
  PAW_TRY(team_slug, fields.text("team_slug", Generation::g2));
  PAW_TRY(project_uuid, fields.project_uuid());
  PAW_TRY(project_slug, fields.nullable_text("project_slug"));
  PAW_TRY(git_branch, fields.nullable_text("git_branch"));
  PAW_TRY(head_commit_sha, fields.nullable_text("head_commit_sha"));
  PAW_TRY(repo_slug, fields.nullable_text("repo_slug"));
  envelope.team_slug = std::move(team_slug);
  envelope.project_uuid = std::move(project_uuid);
  envelope.project_slug = std::move(project_slug);
  envelope.git_branch = std::move(git_branch);
  envelope.head_commit_sha = std::move(head_commit_sha);
  envelope.repo_slug = std::move(repo_slug);
  return {};
}

Result<void> read_subject(const Fields& fields, Envelope& envelope) {
  PAW_TRY(event_type, fields.text_nonempty("event_type"));
  PAW_TRY(aggregate_id, fields.text_nonempty("aggregate_id"));
  PAW_TRY(aggregate_type, fields.text_nonempty("aggregate_type", Generation::g2));
  PAW_TRY(node_id, fields.text_nonempty("node_id"));
  PAW_TRY(lamport_clock, fields.lamport_clock());
  PAW_TRY(causation_id, fields.nullable_id("causation_id"));
  PAW_TRY(correlation_id, fields.nullable_id("correlation_id"));
  PAW_TRY(timestamp, fields.timestamp());
  envelope.event_type = std::move(event_type);
  envelope.aggregate_id = std::move(aggregate_id);
  envelope.aggregate_type = std::move(aggregate_type);
  envelope.node_id = std::move(node_id);
  envelope.lamport_clock = lamport_clock;
  envelope.causation_id = std::move(causation_id);
  envelope.correlation_id = std::move(correlation_id);
  envelope.timestamp = std::move(timestamp);
  return {};
}

}  // namespace

Result<ReadFields> read_fields(const value& parsed) {
  const object* event = parsed.if_object();
  if (event == nullptr) return fail(ErrorKind::invalid, "an event: expected a JSON object");
  PAW_TRY(event_id, read_event_id(*event));
  PAW_TRY(without_hub_words, check_hub_words(*event));
  ReadFields read;
  read.generation = generation_of_event(*event);
  PAW_TRY(payload, read_payload(*event, read.generation));
  read.payload = payload;
  Envelope& envelope = read.envelope;
  envelope.event_id = std::move(event_id);
  const Fields fields(*event, read.generation);
  PAW_TRY(subject, read_subject(fields, envelope));
  PAW_TRY(origin, read_origin(fields, envelope));
  if (event->contains("schema_version")) {
    PAW_TRY(schema_version, fields.text("schema_version"));
    envelope.schema_version = std::move(schema_version);
  } else {
    envelope.schema_version.clear();
  }
  return read;
}

Result<Envelope> read_envelope(std::string_view json) {
  PAW_TRY(parsed, parse_json(json));
  PAW_TRY(read, read_fields(parsed));
  if (read.payload != nullptr) {
    const object& event = parsed.get_object();
    const auto index = static_cast<std::size_t>(event.find("payload") - event.begin());
    read.envelope.payload = member_slice(json, index);
  }
  return std::move(read.envelope);
}

}  // namespace pawprint::protocol
