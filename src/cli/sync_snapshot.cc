#include "cli/sync_snapshot.h"

#include <algorithm>

#include "base/format.h"
#include "base/lock_probe.h"
#include "base/shell_word.h"
#include "credentials/machine_token.h"
#include "outbox/clock.h"

namespace pawprint::cli {
namespace {

bool has_ended(const Context& context, const credentials::Session& session) {
  return session.refresh_expires_at * 1000 <= context.environment.clock->unix_ms();
}

std::vector<credentials::Session> usable_sessions(const Context& context, const SyncSnapshot& snapshot) {
  std::vector<credentials::Session> usable;
  for (const credentials::Session& session : snapshot.sessions) {
    if (!has_ended(context, session)) usable.push_back(session);
  }
  return usable;
}

// Who could deliver now. A token is of a team that its hub alone knows: that of this project, if one linked
// it.
std::vector<outbox::SessionKey> usable_keys(const Context& context, const SyncSnapshot& snapshot) {
  auto keys = session_keys(usable_sessions(context, snapshot));
  if (snapshot.linked_by_token() && snapshot.has_token())
    keys.push_back({snapshot.link->server_origin, snapshot.link->team_id, snapshot.link->user_id});
  return keys;
}

template <class Counts, class Is>
auto& count_for(Counts& counts, Is is, typename Counts::value_type fresh) {
  const auto found = std::ranges::find_if(counts, is);
  return found != counts.end() ? *found : counts.emplace_back(std::move(fresh));
}

void add_overflow(SyncSnapshot& snapshot) {
  for (const auto& [from_and_to, events] : snapshot.overflow.events) {
    const std::string uuid = from_and_to.project_uuid.value_or("");
    count_for(snapshot.projects, [&](const auto& each) { return each.project_uuid == uuid; },
              {.project_uuid = uuid})
        .spilled += events;
    if (const auto& to = from_and_to.destination) {
      outbox::DestinationCount& there =
          count_for(snapshot.destinations, [&](const auto& each) { return each.destination == *to; },
                    {.destination = *to});
      there.spilled += events;
      if (from_and_to.link_ended) there.spilled_ended += events;
    } else if (snapshot.here && !uuid.empty() && uuid == snapshot.here->identity.uuid &&
               from_and_to.repo_instance == snapshot.here->identity.repo_instance) {
      snapshot.unlinked_here += events;
    }
  }
}

Result<void> look_at_spill(const Context& context, const Result<outbox::Spill::Waiting>& waiting,
                           SyncSnapshot& snapshot) {
  if (!waiting) return std::unexpected(waiting.error());
  PAW_TRY(overflow, outbox::count_spill(context.environment, snapshot.home.directory, *waiting));
  snapshot.overflow = std::move(overflow);
  add_overflow(snapshot);
  return {};
}

Result<void> look_at_link(outbox::Outbox& outbox, SyncSnapshot& snapshot) {
  if (!snapshot.here || !snapshot.here->identity.uuid) return {};
  const project::Identity& identity = snapshot.here->identity;
  PAW_TRY(link, outbox.active_link(*identity.uuid, identity.repo_instance));
  snapshot.link = std::move(link);
  PAW_TRY(elsewhere, outbox.linked_elsewhere(*identity.uuid, identity.repo_instance));
  snapshot.linked_elsewhere = elsewhere;
  PAW_TRY(unlinked, outbox.unlinked_pending(*identity.uuid, identity.repo_instance));
  snapshot.unlinked_here = unlinked;
  return {};
}

Result<void> look_at_earlier_links(outbox::Outbox& outbox, SyncSnapshot& snapshot) {
  if (!snapshot.link) return {};
  const outbox::Link& link = *snapshot.link;
  PAW_TRY(earlier, outbox.earlier_links(link.project_uuid, link.repo_instance, snapshot.overflow));
  for (const auto& each : earlier) {
    if (each.waiting > 0) snapshot.earlier_here.insert(each.destination);
  }
  return {};
}

// Without the overflow.
Result<void> look_at_rows(const Context& context, outbox::Outbox& outbox, SyncSnapshot& snapshot) {
  PAW_TRY(high_water, outbox.high_water());
  snapshot.high_water = high_water;
  PAW_TRY(linked, look_at_link(outbox, snapshot));
  PAW_TRY(counts, outbox.snapshot(usable_keys(context, snapshot)));
  snapshot.counts = std::move(counts);
  PAW_TRY(destinations, outbox.destinations());
  snapshot.destinations = std::move(destinations);
  PAW_TRY(projects, outbox.projects());
  snapshot.projects = std::move(projects);
  return {};
}

// What is in the way of one of them hides nothing of the other.
void look_at_queue_and_spill(Context& context, SyncSnapshot& snapshot) {
  auto [waiting, queue] = open_for_reading(context, snapshot.home);
  if (queue && *queue) {
    outbox::Outbox& outbox = **queue;
    const auto both = outbox.at_one_moment([&]() -> Result<void> {
      PAW_TRY(looked, look_at_rows(context, outbox, snapshot));
      PAW_TRY(overflow, outbox.overflow());
      snapshot.overflow = std::move(overflow);
      add_overflow(snapshot);
      return look_at_earlier_links(outbox, snapshot);
    });
    if (both) return;
    auto rows = look_at_rows(context, outbox, snapshot);
    if (rows) rows = look_at_earlier_links(outbox, snapshot);
    if (rows) return snapshot.problems.push_back({"spill", both.error()});
    queue = std::unexpected(rows.error());
  }
  if (!queue) snapshot.problems.push_back({"queue", queue.error()});
  const auto spill = look_at_spill(context, waiting, snapshot);
  if (!spill) snapshot.problems.push_back({"spill", spill.error()});
}

Result<bool> is_agent_running(const Context& context, const project::Home& home) {
  PAW_TRY(locks, lock_kind_for(*context.environment.disk, home.directory));
  return is_locked(home.directory / "agent.lock", locks);
}

// A session that is there now is newer than a sign-in that the hub took no more. A token may be the same.
bool stands(const Context& context, const SyncSnapshot& snapshot, const outbox::Outbox::Failure& failure) {
  const outbox::Link& link = failure.link;
  if (link.user_id == credentials::kMachineUser) return snapshot.token_origin == link.server_origin;
  if (snapshot.has_problem("sessions")) return false;
  const auto usable = usable_sessions(context, snapshot);
  const bool signed_in = std::ranges::any_of(usable, [&](const credentials::Session& session) {
    return session.origin == link.server_origin && session.team_id == link.team_id &&
           session.user_id == link.user_id;
  });
  return signed_in == (failure.by == outbox::Outbox::FailedBy::delivery);
}

void keep_standing_failures(const Context& context, SyncSnapshot& snapshot) {
  auto& failures = snapshot.failures;
  failures = std::move(snapshot.counts.failures);
  std::erase_if(failures, [&](const auto& failure) { return !stands(context, snapshot, failure); });
  std::ranges::stable_partition(failures, [&](const auto& failure) {
    return snapshot.link && failure.link.link_id == snapshot.link->link_id;
  });
}

// Of what is for an active link. Empty: there is nothing.
std::string why_no_delivery(const Context& context, const SyncSnapshot& snapshot) {
  const auto usable = usable_sessions(context, snapshot);
  for (const outbox::DestinationCount& each : snapshot.destinations) {
    const bool by_token =
        snapshot.linked_by_token() &&
        outbox::Destination{snapshot.link->server_origin, snapshot.link->team_slug} == each.destination;
    const bool signed_in =
        by_token ? snapshot.has_token()
                 : std::ranges::any_of(usable, [&](const credentials::Session& session) {
                     return outbox::Destination{session.origin, session.team_slug} == each.destination;
                   });
    const std::uint64_t spilled = each.spilled - each.spilled_ended;
    if (signed_in && spilled > 0)
      return "what waits is in the overflow until the next delivery: pawprint sync now";
    if (each.pending - each.ended + spilled == 0) continue;
    if (by_token) return fmt::format("no token of the linked team is set: {}", token_to_set(*snapshot.link));
    return fmt::format("{}: {}",
                       snapshot.sessions.empty() ? "not signed in" : "no session for the linked team",
                       credentials::login_command(each.destination.origin, each.destination.team_slug));
  }
  return {};
}

// Of what has no link, or one that was ended.
std::string why_unlinked(const SyncSnapshot& snapshot) {
  if (snapshot.link && snapshot.unlinked_here > 0)
    return "what waits is from before the link: pawprint sync link --release";
  for (const outbox::DestinationCount& each : snapshot.destinations) {
    if (each.ended + each.spilled_ended == 0) continue;
    const outbox::Destination& to = each.destination;
    if (!snapshot.earlier_here.contains(to)) {
      return fmt::format(
          "what waits is for a link to {} that was ended: {}, in its project; if that hub is there no more, "
          "link it elsewhere, then: pawprint sync move",
          to.origin, link_command(to));
    }
    const outbox::Destination present{snapshot.link->server_origin, snapshot.link->team_slug};
    // To link there once more does nothing: who linked is part of a link.
    if (present == to) {
      return fmt::format(
          "what waits is for an ended link to {} of another user, or of a token: link as they did, or, to "
          "send it along the present link: pawprint sync move",
          to.team_slug);
    }
    return fmt::format(
        "what waits is for a link to {} that was ended: {}, or, to send it to {} at {}: pawprint sync move",
        to.origin, link_command(to), present.team_slug, present.origin);
  }
  const bool all_nobodys = std::ranges::all_of(snapshot.projects, [](const outbox::ProjectCount& each) {
    return each.project_uuid.empty() || each.unlinked + each.spilled == 0;
  });
  return all_nobodys ? "it could not be read which project what waits is of: pawprint sync diagnose"
                     : "what waits has no link: pawprint sync link, in its project";
}

std::string why_not_now(const Context& context, const SyncSnapshot& snapshot) {
  if (snapshot.has_problem("queue")) return "the queue cannot be read: pawprint doctor";
  const outbox::Outbox::Snapshot& counts = snapshot.counts;
  if (counts.wait)
    return fmt::format("{} takes nothing for now: pawprint sync now, after {}", counts.wait->origin,
                       rfc3339_utc(counts.wait->until_ms));
  if (!snapshot.failures.empty()) {
    const auto& failure = snapshot.failures.front();
    return fmt::format("{}: {}", failure_text(failure), command_against(failure));
  }
  if (counts.sendable > 0) return {};
  if (counts.pending + counts.unlinked + snapshot.overflow.total() == 0) {
    if (snapshot.has_problem("spill")) return "the overflow cannot be read: pawprint doctor";
    return counts.parked.empty() ? "nothing is queued"
                                 : "what is left is parked: pawprint sync list --state parked";
  }
  if (snapshot.has_problem("sessions")) return "the sessions cannot be read: pawprint doctor";
  if (!snapshot.link && snapshot.unlinked_here > 0) {
    return snapshot.linked_elsewhere
               ? "this copy of the project is not linked (another one is): pawprint sync link"
               : "this project is not linked: pawprint sync link";
  }
  const std::string undelivered = why_no_delivery(context, snapshot);
  return undelivered.empty() ? why_unlinked(snapshot) : undelivered;
}

}  // namespace

bool SyncSnapshot::has_problem(std::string_view part) const {
  return std::ranges::find(problems, part, &SnapshotProblem::part) != problems.end();
}

std::optional<std::int64_t> SyncSnapshot::oldest_ms() const {
  if (has_problem("queue") || has_problem("spill")) return std::nullopt;
  const auto& queued = counts.oldest_queued_at_ms;
  const auto& spilled = overflow.oldest_ms;
  return queued && spilled ? std::min(queued, spilled) : queued ? queued : spilled;
}

bool SyncSnapshot::link_known() const {
  return link || (here && !here->identity.unreadable && !has_problem("queue"));
}

bool SyncSnapshot::linked_by_token() const {
  return link && link->user_id == credentials::kMachineUser;
}

bool SyncSnapshot::has_token() const {
  return link && link->server_origin == token_origin;
}

std::string token_to_set(const outbox::Link& link) {
  return fmt::format("export PAWPRINT_SERVER={} PAWPRINT_TOKEN=TOKEN", shell_word(link.server_origin));
}

std::string link_command(const outbox::Destination& to) {
  return fmt::format("pawprint sync link --server {} --team {}", shell_word(to.origin),
                     shell_word(to.team_slug));
}

std::string command_against(const outbox::Outbox::Failure& failure) {
  const outbox::Link& link = failure.link;
  if (failure.by == outbox::Outbox::FailedBy::delivery) return "pawprint sync now";
  if (link.user_id == credentials::kMachineUser) return credentials::delivery_by_token(link.server_origin);
  return credentials::login_command(link.server_origin, link.team_slug);
}

std::string failure_text(const outbox::Outbox::Failure& failure) {
  return fmt::format("the latest delivery to {} failed at {}: {}", failure.link.team_slug,
                     rfc3339_utc(failure.at_ms), failure.why);
}

std::uint64_t SyncSnapshot::without_identity() const {
  for (const outbox::ProjectCount& each : projects) {
    if (each.project_uuid.empty()) return each.unlinked + each.spilled;
  }
  return 0;
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
  auto sessions = credentials::SessionStore(context.environment, snapshot.home.directory).load();
  if (!sessions && sessions.error().kind == ErrorKind::invalid) {
    snapshot.damaged_sessions = std::move(sessions).error();
  } else if (keep("sessions", sessions)) {
    snapshot.sessions = *std::move(sessions);
  }
  const auto token = credentials::machine_token(context.environment);
  if (!token) context.warnings.add("machine-token", token.error().message, token.error().hint);
  if (token && *token) snapshot.token_origin = (*token)->origin;
  look_at_queue_and_spill(context, snapshot);
  const outbox::LamportClock clock(context.environment, snapshot.home.directory,
                                   project::machine_node_id(context.environment, snapshot.home));
  const bool asked = !snapshot.has_problem("queue") && !snapshot.has_problem("spill");
  const auto value = clock.value({std::max(snapshot.high_water, snapshot.overflow.highest), asked});
  if (keep("clock", value)) snapshot.clock = *value;
  const auto running = is_agent_running(context, snapshot.home);
  if (keep("agent", running)) snapshot.agent_running = *running;
  keep_standing_failures(context, snapshot);
  snapshot.why_not_now = why_not_now(context, snapshot);
  return snapshot;
}

}  // namespace pawprint::cli
