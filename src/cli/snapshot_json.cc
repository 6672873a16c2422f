#include "base/clock_source.h"
#include "cli/session_json.h"
#include "cli/sync_snapshot.h"

namespace pawprint::cli {
namespace {

boost::json::value time_or_null(const std::optional<std::int64_t>& unix_ms) {
  if (!unix_ms) return nullptr;
  return boost::json::value(rfc3339_utc(*unix_ms));
}

boost::json::value project_json(const SyncSnapshot& snapshot) {
  if (!snapshot.here) return nullptr;
  const project::Identity& identity = snapshot.here->identity;
  boost::json::object project;
  project["uuid"] = identity.uuid ? boost::json::value(*identity.uuid) : boost::json::value(nullptr);
  project["slug"] = identity.slug;
  project["link_known"] = snapshot.link_known();
  project["link"] = nullptr;
  if (snapshot.link) {
    project["link"] = boost::json::object{{"origin", snapshot.link->server_origin},
                                          {"team_slug", snapshot.link->team_slug}};
  }
  return project;
}

// A part that could not be looked at says nothing: not that there is none, either.
template <class Value>
boost::json::value known_if(bool known, Value value) {
  return known ? boost::json::value(std::move(value)) : boost::json::value(nullptr);
}

boost::json::object queue_json(const SyncSnapshot& snapshot) {
  const bool known = !snapshot.has_problem("queue");
  const bool spill_known = !snapshot.has_problem("spill");
  boost::json::array parked;
  for (const auto& [reason, count] : snapshot.counts.parked) {
    parked.push_back(boost::json::object{{"reason", reason}, {"count", count}});
  }
  boost::json::array destinations;
  for (const outbox::DestinationCount& each : snapshot.destinations) {
    destinations.push_back(boost::json::object{{"origin", each.destination.origin},
                                               {"team_slug", each.destination.team_slug},
                                               {"pending", each.pending},
                                               {"ended", each.ended},
                                               {"spilled", known_if(spill_known, each.spilled)},
                                               {"parked", each.parked}});
  }
  boost::json::array projects;
  for (const outbox::ProjectCount& each : snapshot.projects) {
    const bool named = !each.project_uuid.empty();
    projects.push_back(boost::json::object{
        {"project_uuid", named ? boost::json::value(each.project_uuid) : boost::json::value(nullptr)},
        {"pending", known_if(known, each.pending)},
        {"ended", known_if(known, each.ended)},
        {"unlinked", known_if(known, each.unlinked)},
        {"spilled", known_if(spill_known, each.spilled)},
        {"parked", known_if(known, each.parked)}});
  }
  boost::json::object queue;
  queue["pending"] = known_if(known, snapshot.counts.pending);
  queue["ended"] = known_if(known, snapshot.counts.ended);
  queue["again"] = known_if(known, snapshot.counts.again);
  queue["unlinked"] = known_if(known, snapshot.counts.unlinked);
  queue["spilled"] = known_if(spill_known, snapshot.overflow.total());
  queue["rejected"] = known_if(spill_known, snapshot.overflow.unreadable);
  queue["parked"] = known_if(known, std::move(parked));
  queue["oldest"] = time_or_null(snapshot.oldest_ms());
  queue["destinations"] = known_if(known, std::move(destinations));
  const bool any_project = !projects.empty();
  queue["projects"] = known_if(known || any_project, std::move(projects));
  return queue;
}

boost::json::array restored_json(const SyncSnapshot& snapshot) {
  boost::json::array restored;
  for (const outbox::Outbox::RestoredHub& hub : snapshot.counts.restored) {
    restored.push_back(boost::json::object{{"origin", hub.destination.origin},
                                           {"team_slug", hub.destination.team_slug},
                                           {"noticed_at", rfc3339_utc(hub.heard_ms)},
                                           {"again", hub.events.again},
                                           {"not_kept", hub.events.not_kept},
                                           {"not_kept_until", time_or_null(hub.events.not_kept_until_ms)}});
  }
  return restored;
}

}  // namespace

boost::json::object snapshot_json(const SyncSnapshot& snapshot) {
  boost::json::object json;
  json["project"] = project_json(snapshot);
  json["queue"] = queue_json(snapshot);
  json["restored"] = known_if(!snapshot.has_problem("queue"), restored_json(snapshot));
  json["clock"] = known_if(!snapshot.has_problem("clock"), snapshot.clock);
  const bool agent_known = !snapshot.has_problem("agent");
  const std::string_view agent_state = snapshot.agent_running ? "delivering" : "foreground_only";
  json["agent"] = boost::json::object{{"running", known_if(agent_known, snapshot.agent_running)},
                                      {"state", known_if(agent_known, agent_state)}};
  json["sessions"] = known_if(!snapshot.has_problem("sessions"), sessions_json(snapshot.sessions));
  json["last_delivery"] = time_or_null(snapshot.counts.last_delivery_ms);
  json["next_attempt"] =
      snapshot.counts.wait ? boost::json::value(rfc3339_utc(snapshot.counts.wait->until_ms)) : nullptr;
  json["why_not_now"] =
      snapshot.why_not_now.empty() ? boost::json::value(nullptr) : boost::json::value(snapshot.why_not_now);
  return json;
}

}  // namespace pawprint::cli
