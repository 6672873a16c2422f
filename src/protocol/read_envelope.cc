#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <iterator>

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

// Every member that is looked for, in the order in which our own clients write them.
constexpr std::string_view kNames[] = {"event_id",       "event_type", "aggregate_id",    "aggregate_type",
                                       "payload",        "node_id",    "lamport_clock",   "causation_id",
                                       "correlation_id", "timestamp",  "team_slug",       "project_uuid",
                                       "project_slug",   "git_branch", "head_commit_sha", "repo_slug",
                                       "schema_version", "seq",        "cursor",          "received_at"};

// One of them.
class Name {
 public:
  consteval Name(const char* text)
      : place_(static_cast<std::size_t>(std::ranges::find(kNames, std::string_view(text)) -
                                        std::begin(kNames))) {}
  constexpr std::size_t place() const { return place_; }
  std::string text() const { return std::string(kNames[place_]); }

 private:
  std::size_t place_;
};

constexpr Name kHubWords[] = {"seq", "cursor", "received_at"};

// The members of an event by name. Each is looked for first behind the one before it, so that those of our
// own clients are found at once.
class Members {
 public:
  explicit Members(const object& event) {
    std::size_t next = 0;
    for (const auto& [key, member] : event) {
      for (std::size_t tried = 0; tried < found_.size(); ++tried) {
        const std::size_t place = (next + tried) % found_.size();
        if (kNames[place] != std::string_view(key)) continue;
        found_[place] = &member;
        next = place + 1;
        break;
      }
    }
  }

  const value* find(Name name) const { return found_[name.place()]; }  // nullptr: it is not there
  bool contains(Name name) const { return find(name) != nullptr; }

 private:
  std::array<const value*, std::size(kNames)> found_{};
};

// Reads the fields of one event, in the strictness of its generation.
class Fields {
 public:
  Fields(const Members& event, Generation generation) : event_(event), generation_(generation) {}

  // A string that must be there. `since`: the generations before it did not have the field.
  Result<std::string> text(Name name, Generation since = Generation::g1) const {
    const value* found = event_.find(name);
    if (found == nullptr) {
      if (is_optional(since)) return std::string();
      return refuse(name.text(), "missing field");
    }
    if (!found->is_string()) return refuse(name.text(), "expected a string");
    return std::string(found->get_string());
  }

  Result<std::string> text_nonempty(Name name, Generation since = Generation::g1) const {
    PAW_TRY(read, text(name, since));
    if (read.empty() && event_.contains(name) && checks_forms())
      return refuse(name.text(), "expected a string that is not empty");
    return read;
  }

  Result<std::optional<std::string_view>> nullable_view(Name name) const {
    const value* found = event_.find(name);
    if (found == nullptr || found->is_null()) return std::nullopt;
    if (!found->is_string()) return refuse(name.text(), "expected a string or null");
    return found->get_string();
  }

  Result<std::optional<std::string>> nullable_text(Name name) const {
    PAW_TRY(read, nullable_view(name));
    return std::optional<std::string>(read);
  }

  Result<std::optional<std::string>> nullable_id(Name name) const {
    PAW_TRY(read, nullable_view(name));
    if (!read) return std::nullopt;
    std::optional<std::string> id = normalised_event_id(*read);
    if (!id && checks_forms()) return refuse(name.text(), "expected a ULID, a UUID or null");
    return id;
  }

  Result<std::optional<std::string>> project_uuid() const {
    PAW_TRY(read, nullable_view("project_uuid"));
    if (!read) return std::nullopt;
    std::optional<std::string> uuid = normalised_uuid_v4(*read);
    if (!uuid && checks_forms()) return refuse("project_uuid", "expected a UUID of version 4 or null");
    return uuid;
  }

  Result<std::string> timestamp() const {
    PAW_TRY(read, text("timestamp"));
    if (event_.contains("timestamp") && checks_forms() && !is_utc_date_time(read)) {
      return refuse("timestamp", "expected a date and time in UTC (RFC 3339), as in 2026-02-03T12:00:00Z");
    }
    return read;
  }

  Result<std::uint64_t> lamport_clock() const {
    const value* found = event_.find("lamport_clock");
    if (found == nullptr && is_optional(Generation::g1)) return 0;
    if (found == nullptr) return refuse("lamport_clock", "missing field");
    if (found->is_uint64()) return found->get_uint64();
    if (found->is_int64() && found->get_int64() >= 0) return static_cast<std::uint64_t>(found->get_int64());
    return refuse("lamport_clock", "expected an integer from 0 to 18446744073709551615");
  }

 private:
  // Of g3 only types are checked for now: what its texts look like is not known here.
  bool checks_forms() const { return generation_ != Generation::g3; }
  bool is_optional(Generation since) const { return generation_ == Generation::g3 || generation_ < since; }

  const Members& event_;
  Generation generation_;
};

Result<std::string> read_event_id(const Members& event) {
  PAW_TRY(read, Fields(event, Generation::g1).text("event_id"));
  std::optional<std::string> id = normalised_event_id(read);
  if (!id) return refuse("event_id", "expected a ULID or a UUID");
  return std::move(*id);
}

Result<void> check_hub_words(const Members& event) {
  for (const Name word : kHubWords) {
    if (event.contains(word) && !sabotaged("trust-event-keys"))
      return refuse(word.text(), "a word of the hub, which an event must not carry");
  }
  return {};
}

std::string_view string_or_empty(const value* found) {
  return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
}

// g3 events are accepted without one for now.
Result<const value*> read_payload(const Members& event, Generation generation) {
  const value* payload = event.find("payload");
  if (payload == nullptr && generation != Generation::g3) return refuse("payload", "missing field");
  if (payload != nullptr && !payload->is_object()) return refuse("payload", "expected an object");
  return payload;
}

Generation generation_of_event(const Members& event) {
  static const object kNoPayload;
  const value* payload = event.find("payload");
  const bool is_object = payload != nullptr && payload->is_object();
  return generation_of(string_or_empty(event.find("event_type")),
                       string_or_empty(event.find("schema_version")),
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

Result<void> read_fields(const value& parsed, ReadEvent& read) {
  if (!parsed.is_object()) return fail(ErrorKind::invalid, "an event: expected a JSON object");
  const Members event(parsed.get_object());
  PAW_TRY(event_id, read_event_id(event));
  PAW_TRY(without_hub_words, check_hub_words(event));
  read.generation = generation_of_event(event);
  PAW_TRY(payload, read_payload(event, read.generation));
  read.payload = payload;
  Envelope& envelope = read.envelope;
  envelope.event_id = std::move(event_id);
  const Fields fields(event, read.generation);
  PAW_TRY(subject, read_subject(fields, envelope));
  PAW_TRY(origin, read_origin(fields, envelope));
  if (event.contains("schema_version")) {
    PAW_TRY(schema_version, fields.text("schema_version"));
    envelope.schema_version = std::move(schema_version);
  } else {
    envelope.schema_version.clear();
  }
  return {};
}

Result<Envelope> read_envelope(std::string_view json) {
  PAW_TRY(parsed, parse_json(json));
  ReadEvent read;
  PAW_TRY(fields, read_fields(parsed, read));
  if (read.payload != nullptr) {
    const object& event = parsed.get_object();
    const auto index = static_cast<std::size_t>(event.find("payload") - event.begin());
    read.envelope.payload = member_slice(json, index);
  }
  return std::move(read.envelope);
}

}  // namespace pawprint::protocol
