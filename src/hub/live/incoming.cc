#include "hub/live/incoming.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/format.h"
#include "hub/live/frames.h"
#include "protocol/batch.h"
#include "protocol/ids.h"
#include "protocol/json.h"

namespace pawprint::hub::live {
namespace {

constexpr std::size_t kMaxProjects = 100;
constexpr int kOk = 200;
constexpr int kForbidden = 403;

Incoming read_subscribe(const boost::json::object& frame) {
  Subscribe wanted;
  if (const auto* since = frame.if_contains("since"); since != nullptr && !since->is_null()) {
    if (!since->is_string()) return BadFrame{"since: not a cursor"};
    wanted.since = std::string(std::string_view(since->get_string()));
  }
  const auto* projects = frame.if_contains("projects");
  if (projects == nullptr || projects->is_null()) return wanted;
  if (!projects->is_array() || projects->get_array().size() > kMaxProjects) {
    return BadFrame{fmt::format("projects: not a list of at most {} ids", kMaxProjects)};
  }
  wanted.projects.emplace();
  for (const auto& one : projects->get_array()) {
    const auto uuid =
        one.is_string() ? protocol::normalised_uuid_v4(std::string_view(one.get_string())) : std::nullopt;
    if (!uuid) return BadFrame{"projects: there is something that is no id of a project"};
    wanted.projects->insert(*uuid);
  }
  return wanted;
}

protocol::Verdict refused(std::string_view message, std::string_view category) {
  return {std::nullopt, protocol::VerdictStatus::error, std::string(message), std::string(category)};
}

// Of one event that no batch could be made of, or that the caller may not send.
std::string refusals(std::size_t count, std::string_view message, std::string_view category) {
  const std::string frame = net::text_frame(verdict_text(refused(message, category)));
  std::string frames;
  for (std::size_t i = 0; i < count; ++i) frames += frame;
  return frames;
}

std::string batch_of(const std::vector<std::string>& events) {
  std::string body = R"({"events":[)";
  for (const std::string& event : events) {
    if (&event != &events.front()) body += ',';
    body += event;
  }
  return body += "]}";
}

}  // namespace

Incoming classify(std::string_view text) {
  const auto value = protocol::parse_json(text);
  if (!value || !value->is_object()) return NotJson{};
  const boost::json::object& frame = value->get_object();
  const auto* type = frame.if_contains("type");
  if (type == nullptr || !type->is_string() || type->get_string() == "event") return Event{};
  if (type->get_string() == "pong") return Pong{};
  if (type->get_string() == "subscribe") return read_subscribe(frame);
  if (frame.contains("event_id")) return Event{};
  return BadFrame{"type: the hub knows event, subscribe and pong"};
}

std::optional<std::string> ingest_events(ingest::Ingest& ingest, const identity::Principal& principal,
                                         const std::vector<std::string>& events) {
  const ingest::IngestAnswer answer = ingest.batch(
      {principal.team_id, principal.team_slug, principal.user_id, principal.role}, batch_of(events));
  if (answer.status >= 500 || answer.status == 429) return std::nullopt;
  if (answer.verdicts.size() == events.size()) {
    std::string frames;
    for (const protocol::Verdict& verdict : answer.verdicts) frames += net::text_frame(verdict_text(verdict));
    return frames;
  }
  if (answer.status == kForbidden) {
    return refusals(events.size(), "you may read here, but not write", "forbidden");
  }
  if (answer.status == kOk && events.size() > 1) return std::nullopt;
  return refusals(events.size(), "this is not one event as JSON", "malformed");
}

}  // namespace pawprint::hub::live
