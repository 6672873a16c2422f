#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/session_json.h"
#include "cli/sync_context.h"
#include "outbox/clock.h"
#include "outbox/outbox.h"

namespace pawprint::cli {
namespace {

struct QueueState {
  outbox::Outbox::Snapshot counts{};
  std::optional<outbox::Link> link;
  bool linked_elsewhere = false;
  std::uint64_t high_water = 0;
};

Result<QueueState> queue_state(const Context& context, const project::Home& home,
                               const std::optional<ProjectHere>& here,
                               const std::vector<credentials::Session>& sessions) {
  QueueState state;
  PAW_TRY(outbox, outbox::Outbox::open_existing(context.environment, home.directory));
  if (!outbox) return state;
  PAW_TRY(counts, outbox->snapshot(session_keys(sessions)));
  state.counts = std::move(counts);
  PAW_TRY(high_water, outbox->high_water());
  state.high_water = high_water;
  if (!here || !here->identity.uuid) return state;
  PAW_TRY(link, outbox->active_link(*here->identity.uuid, here->identity.repo_instance));
  state.link = std::move(link);
  PAW_TRY(elsewhere, outbox->linked_elsewhere(*here->identity.uuid, here->identity.repo_instance));
  state.linked_elsewhere = elsewhere;
  return state;
}

// The one sentence that says why nothing goes out at this moment; empty if something could.
std::string why_not_now(const std::optional<ProjectHere>& here, const QueueState& state,
                        const std::vector<credentials::Session>& sessions) {
  if (state.counts.sendable > 0) return {};
  if (state.counts.pending + state.counts.unlinked == 0) return "nothing is queued";
  if (here && !state.link) {
    return state.linked_elsewhere
               ? "this copy of the project is not linked (another one is): pawprint sync link"
               : "this project is not linked: pawprint sync link";
  }
  if (sessions.empty()) return "not signed in: pawprint auth login";
  return "no session for the linked team: pawprint auth login";
}

boost::json::value time_or_null(const std::optional<std::int64_t>& unix_ms) {
  if (!unix_ms) return nullptr;
  return boost::json::value(rfc3339_utc(*unix_ms));
}

boost::json::value project_json(const std::optional<ProjectHere>& here, const QueueState& state) {
  if (!here) return nullptr;
  boost::json::object project;
  project["uuid"] =
      here->identity.uuid ? boost::json::value(*here->identity.uuid) : boost::json::value(nullptr);
  project["slug"] = here->identity.slug;
  project["link"] = nullptr;
  if (state.link) {
    project["link"] =
        boost::json::object{{"origin", state.link->server_origin}, {"team_slug", state.link->team_slug}};
  }
  return project;
}

boost::json::object queue_json(const QueueState& state) {
  boost::json::object queue;
  queue["pending"] = state.counts.pending;
  queue["unlinked"] = state.counts.unlinked;
  queue["spilled"] = state.counts.spilled;
  boost::json::array parked;
  for (const auto& [reason, count] : state.counts.parked) {
    parked.push_back(boost::json::object{{"reason", reason}, {"count", count}});
  }
  queue["parked"] = std::move(parked);
  queue["oldest"] = time_or_null(state.counts.oldest_queued_at_ms);
  return queue;
}

std::string status_text(const std::optional<ProjectHere>& here, const QueueState& state,
                        const std::vector<credentials::Session>& sessions, std::uint64_t clock) {
  std::string text;
  if (here) {
    text +=
        fmt::format("project   {}  {}\n", here->identity.slug, here->identity.uuid.value_or("(no identity)"));
    text += state.link ? fmt::format("link      {} at {}\n", state.link->team_slug, state.link->server_origin)
                       : std::string("link      none\n");
  } else {
    text += "project   none here\n";
  }
  text +=
      fmt::format("queue     {} to send, {} without a link\n", state.counts.pending, state.counts.unlinked);
  for (const auto& [reason, count] : state.counts.parked)
    text += fmt::format("parked    {}: {}\n", count, reason);
  text += fmt::format("clock     {}\n", clock);
  for (const credentials::Session& session : sessions) {
    text += fmt::format("session   {} at {}, team {}\n", session.username, session.origin, session.team_slug);
  }
  if (sessions.empty()) text += "session   none\n";
  const std::string why = why_not_now(here, state, sessions);
  text += why.empty() ? "next      when you type: pawprint sync now\n" : fmt::format("next      {}\n", why);
  return text;
}

}  // namespace

Result<Report> run_sync_status(Context& context, const Arguments&) {
  PAW_TRY(home, project::find_home(context.environment));
  std::optional<ProjectHere> here;
  if (auto found = project_here(context, home, IdentityAccess::read)) {
    here = *std::move(found);
  } else if (found.error().kind != ErrorKind::not_in_project) {
    return std::unexpected(found.error());
  }
  const credentials::SessionStore store(context.environment, home.directory);
  PAW_TRY(sessions, store.load());
  PAW_TRY(state, queue_state(context, home, here, sessions));
  const outbox::LamportClock clock(context.environment, home.directory,
                                   project::machine_node_id(context.environment, home));
  PAW_TRY(value, clock.value(state.high_water));
  const std::string why = why_not_now(here, state, sessions);
  Report report;
  report.data["project"] = project_json(here, state);
  report.data["queue"] = queue_json(state);
  report.data["clock"] = value;
  report.data["agent"] = boost::json::object{{"running", false}, {"state", "foreground_only"}};
  report.data["sessions"] = sessions_json(sessions);
  report.data["last_delivery"] = time_or_null(state.counts.last_delivery_ms);
  report.data["next_attempt"] = nullptr;
  report.data["why_not_now"] = why.empty() ? boost::json::value(nullptr) : boost::json::value(why);
  report.text = status_text(here, state, sessions, value);
  return report;
}

}  // namespace pawprint::cli
