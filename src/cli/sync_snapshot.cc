#include "cli/sync_snapshot.h"

#include <algorithm>

#include "base/format.h"
#include "base/lock_probe.h"
#include "cli/session_json.h"
#include "outbox/clock.h"
#include "outbox/spilled.h"

namespace pawprint::cli {
namespace {

bool has_ended(const Context& context, const credentials::Session& session) {
  return session.refresh_expires_at * 1000 <= context.environment.clock->unix_ms();
}

std::vector<outbox::SessionKey> usable_sessions(const Context& context, const SyncSnapshot& snapshot) {
  std::vector<credentials::Session> usable;
  for (const credentials::Session& session : snapshot.sessions) {
    if (!has_ended(context, session)) usable.push_back(session);
  }
  return session_keys(usable);
}

Result<void> look_at_spill(const Context& context, SyncSnapshot& snapshot) {
  PAW_TRY(spill, outbox::count_spill(context.environment, snapshot.home.directory));
  snapshot.counts.spilled = spill.waiting;
  snapshot.counts.rejected = spill.rejected;
  return {};
}

Result<void> look_at_queue(const Context& context, SyncSnapshot& snapshot) {
  PAW_TRY(outbox, existing_queue(context, snapshot.home));
  if (!outbox) return look_at_spill(context, snapshot);
  PAW_TRY(high_water, outbox->high_water());
  snapshot.high_water = high_water;
  PAW_TRY(counts, outbox->snapshot(usable_sessions(context, snapshot)));
  snapshot.counts = std::move(counts);
  PAW_TRY(destinations, outbox->destinations());
  snapshot.destinations = std::move(destinations);
  PAW_TRY(projects, outbox->projects());
  snapshot.projects = std::move(projects);
  if (!snapshot.here || !snapshot.here->identity.uuid) return {};
  const project::Identity& identity = snapshot.here->identity;
  PAW_TRY(link, outbox->active_link(*identity.uuid, identity.repo_instance));
  snapshot.link = std::move(link);
  PAW_TRY(elsewhere, outbox->linked_elsewhere(*identity.uuid, identity.repo_instance));
  snapshot.linked_elsewhere = elsewhere;
  return {};
}

// Whether one of the sessions that can be used is the one that the link of this project leads to.
bool is_signed_in(const Context& context, const SyncSnapshot& snapshot) {
  return snapshot.link &&
         std::ranges::any_of(usable_sessions(context, snapshot), [&](const outbox::SessionKey& key) {
           return key.origin == snapshot.link->server_origin && key.team_id == snapshot.link->team_id &&
                  key.user_id == snapshot.link->user_id;
         });
}

Result<bool> is_agent_running(const Context& context, const project::Home& home) {
  PAW_TRY(locks, lock_kind_for(*context.environment.disk, home.directory));
  return is_locked(home.directory / "agent.lock", locks);
}

std::string why_not_now(const Context& context, const SyncSnapshot& snapshot) {
  const outbox::Outbox::Snapshot& counts = snapshot.counts;
  if (counts.sendable > 0) return {};
  if (counts.pending + counts.unlinked + counts.spilled == 0) {
    return counts.parked.empty() ? "nothing is queued"
                                 : "what is left is parked: pawprint sync list --state parked";
  }
  if (snapshot.has_problem("sessions")) return "the sessions cannot be read: pawprint doctor";
  if (!snapshot.here && counts.pending == 0 && counts.spilled == 0) {
    return "what waits has no link: pawprint sync link, in its project";
  }
  if (snapshot.here && !snapshot.link) {
    return snapshot.linked_elsewhere
               ? "this copy of the project is not linked (another one is): pawprint sync link"
               : "this project is not linked: pawprint sync link";
  }
  if (snapshot.sessions.empty()) return "not signed in: pawprint auth login";
  if (snapshot.link && counts.pending == 0 && counts.unlinked > 0) {
    return "what waits is from before the link: pawprint sync link --release";
  }
  if (counts.spilled > 0 && is_signed_in(context, snapshot)) {
    return "what waits is in the overflow until the next delivery: pawprint sync now";
  }
  return "no session for the linked team: pawprint auth login";
}

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
  project["link"] = nullptr;
  if (snapshot.link) {
    project["link"] = boost::json::object{{"origin", snapshot.link->server_origin},
                                          {"team_slug", snapshot.link->team_slug}};
  }
  return project;
}

boost::json::object queue_json(const SyncSnapshot& snapshot) {
  boost::json::array parked;
  for (const auto& [reason, count] : snapshot.counts.parked) {
    parked.push_back(boost::json::object{{"reason", reason}, {"count", count}});
  }
  boost::json::array destinations;
  for (const outbox::DestinationCount& each : snapshot.destinations) {
    destinations.push_back(boost::json::object{{"origin", each.destination.origin},
                                               {"team_slug", each.destination.team_slug},
                                               {"pending", each.pending},
                                               {"parked", each.parked}});
  }
  boost::json::array projects;
  for (const outbox::ProjectCount& each : snapshot.projects) {
    const bool named = !each.project_uuid.empty();
    projects.push_back(boost::json::object{
        {"project_uuid", named ? boost::json::value(each.project_uuid) : boost::json::value(nullptr)},
        {"pending", each.pending},
        {"unlinked", each.unlinked},
        {"parked", each.parked}});
  }
  boost::json::object queue;
  queue["pending"] = queue["again"] = queue["unlinked"] = nullptr;
  if (!snapshot.has_problem("queue")) {
    queue["pending"] = snapshot.counts.pending;
    queue["again"] = snapshot.counts.again;
    queue["unlinked"] = snapshot.counts.unlinked;
  }
  queue["spilled"] = snapshot.counts.spilled;
  queue["rejected"] = snapshot.counts.rejected;
  queue["parked"] = std::move(parked);
  queue["oldest"] = time_or_null(snapshot.counts.oldest_queued_at_ms);
  queue["destinations"] = std::move(destinations);
  queue["projects"] = std::move(projects);
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

bool SyncSnapshot::has_problem(std::string_view part) const {
  return std::ranges::find(problems, part, &SnapshotProblem::part) != problems.end();
}

Result<SyncSnapshot> sync_snapshot(Context& context) {
  SyncSnapshot snapshot;
  PAW_TRY(home, project::find_home(context.environment));
  snapshot.home = std::move(home);
  const auto keep = [&](std::string_view part, auto& result) {
    if (!result) snapshot.problems.push_back({part, result.error()});
    return result.has_value();
  };
  if (auto here = project_here(context, snapshot.home, IdentityAccess::read); here) {
    snapshot.here = *std::move(here);
  } else if (here.error().kind != ErrorKind::not_in_project) {
    keep("project", here);
  }
  auto sessions = credentials::SessionStore(context.environment, snapshot.home.directory)
                      .load_or_signed_out(context.warnings);
  if (keep("sessions", sessions)) snapshot.sessions = *std::move(sessions);
  const auto queue = look_at_queue(context, snapshot);
  if (!keep("queue", queue)) {
    const auto spill = look_at_spill(context, snapshot);
    keep("spill", spill);
  }
  const outbox::LamportClock clock(context.environment, snapshot.home.directory,
                                   project::machine_node_id(context.environment, snapshot.home));
  const auto value = clock.value(snapshot.high_water);
  if (keep("clock", value)) snapshot.clock = *value;
  const auto running = is_agent_running(context, snapshot.home);
  if (keep("agent", running)) snapshot.agent_running = *running;
  snapshot.why_not_now = queue ? why_not_now(context, snapshot) : "the queue cannot be read: pawprint doctor";
  return snapshot;
}

boost::json::object snapshot_json(const SyncSnapshot& snapshot) {
  boost::json::object json;
  json["project"] = project_json(snapshot);
  json["queue"] = queue_json(snapshot);
  json["restored"] = restored_json(snapshot);
  json["clock"] = snapshot.clock;
  json["agent"] = boost::json::object{{"running", snapshot.agent_running},
                                      {"state", snapshot.agent_running ? "delivering" : "foreground_only"}};
  json["sessions"] = sessions_json(snapshot.sessions);
  json["last_delivery"] = time_or_null(snapshot.counts.last_delivery_ms);
  json["next_attempt"] = nullptr;
  json["why_not_now"] =
      snapshot.why_not_now.empty() ? boost::json::value(nullptr) : boost::json::value(snapshot.why_not_now);
  return json;
}

}  // namespace pawprint::cli
