#include "hub/live/incoming.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/format.h"
#include "protocol/ids.h"
#include "protocol/json.h"

namespace pawprint::hub::live {
namespace {

constexpr std::size_t kMaxProjects = 100;

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

}  // namespace

Incoming classify(std::string_view text) {
  const auto value = protocol::parse_json(text);
  if (!value || !value->is_object()) return Event{};
  const boost::json::object& frame = value->get_object();
  const auto* type = frame.if_contains("type");
  if (type == nullptr || !type->is_string() || type->get_string() == "event") return Event{};
  if (type->get_string() == "pong") return Pong{};
  if (type->get_string() == "subscribe") return read_subscribe(frame);
  if (frame.contains("event_id")) return Event{};
  return BadFrame{"type: the hub knows event, subscribe and pong"};
}

}  // namespace pawprint::hub::live
