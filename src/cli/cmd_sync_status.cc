#include "base/counted.h"
#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/sync_snapshot.h"

namespace pawprint::cli {
namespace {

constexpr std::string_view kForEnded = "for a link that was ended";

std::string project_text(const SyncSnapshot& snapshot) {
  if (snapshot.has_problem("project")) return "project   not known\n";
  if (!snapshot.here) return "project   none here\n";
  const project::Identity& identity = snapshot.here->identity;
  std::string text =
      fmt::format("project   {}  {}\n", identity.slug, identity.uuid.value_or("(no identity)"));
  if (!snapshot.link_known()) return text + "link      not known\n";
  if (!snapshot.link) return text + "link      none\n";
  return text + fmt::format("link      {} at {}\n", snapshot.link->team_slug, snapshot.link->server_origin);
}

// ", 3 spilled"; nothing for none.
std::string also(std::uint64_t count, std::string_view what) {
  return count == 0 ? std::string() : fmt::format(", {} {}", count, what);
}

// The figures say all if there is one project, and it is the one here.
std::string projects_text(const SyncSnapshot& snapshot) {
  const std::vector<outbox::ProjectCount>& projects = snapshot.projects;
  if (projects.size() == 1 && snapshot.here && projects[0].project_uuid == snapshot.here->identity.uuid)
    return {};
  std::string text;
  for (const outbox::ProjectCount& each : projects) {
    if (snapshot.has_problem("queue")) {
      text += fmt::format("of        {}: {} spilled\n",
                          each.project_uuid.empty() ? "no project" : each.project_uuid, each.spilled);
      continue;
    }
    text +=
        fmt::format("of        {}: {} to send{}, {} without a link, {} parked{}\n",
                    each.project_uuid.empty() ? "no project" : each.project_uuid, each.pending - each.ended,
                    also(each.ended, kForEnded), each.unlinked, each.parked, also(each.spilled, "spilled"));
  }
  return text;
}

std::string queue_text(const SyncSnapshot& snapshot) {
  const outbox::Outbox::Snapshot& counts = snapshot.counts;
  std::string text =
      snapshot.has_problem("queue")
          ? std::string("queue     cannot be read")
          : fmt::format("queue     {} to send{}, {} without a link", counts.pending - counts.ended,
                        also(counts.ended, kForEnded), counts.unlinked);
  text += snapshot.has_problem("spill") ? ", overflow not known" : also(snapshot.overflow.total(), "spilled");
  text += "\n";
  if (const std::uint64_t lines = snapshot.overflow.unreadable; lines > 0) {
    text += fmt::format("rejected  {} of the overflow cannot be read; kept in {}\n", counted(lines, "line"),
                        (snapshot.home.directory / "spill").string());
  }
  for (const outbox::DestinationCount& each : snapshot.destinations) {
    text += fmt::format("goes to   {} at {}: {} to send{}, {} parked{}\n", each.destination.team_slug,
                        each.destination.origin, each.pending - each.ended, also(each.ended, kForEnded),
                        each.parked, also(each.spilled, "spilled"));
  }
  text += projects_text(snapshot);
  if (const auto oldest_ms = snapshot.oldest_ms())
    text += fmt::format("oldest    {}\n", rfc3339_utc(*oldest_ms));
  for (const auto& [reason, count] : counts.parked) text += fmt::format("parked    {}: {}\n", count, reason);
  return text;
}

std::string restored_text(const outbox::Outbox::RestoredHub& hub) {
  const std::string& origin = hub.destination.origin;
  const std::string noticed = rfc3339_utc(hub.heard_ms);
  std::string text =
      hub.events.again > 0
          ? fmt::format("again     sending {} again: {} came back from a backup, as was noticed at {}\n",
                        counted(hub.events.again, "event"), origin, noticed)
          : fmt::format(
                "restored  {} came back from a backup, as was noticed at {}; what is kept here was "
                "sent again\n",
                origin, noticed);
  if (hub.events.not_kept > 0 && hub.events.not_kept_until_ms) {
    text += fmt::format("not kept  {} delivered until {}: the hub has them only if its backup does\n",
                        counted(hub.events.not_kept, "event"), rfc3339_utc(*hub.events.not_kept_until_ms));
  }
  return text;
}

std::string status_text(const SyncSnapshot& snapshot) {
  std::string text = project_text(snapshot) + queue_text(snapshot);
  for (const outbox::Outbox::RestoredHub& hub : snapshot.counts.restored) text += restored_text(hub);
  text += snapshot.has_problem("clock") ? std::string("clock     not known\n")
                                        : fmt::format("clock     {}\n", snapshot.clock);
  text += fmt::format("agent     {}\n", snapshot.has_problem("agent") ? "not known"
                                        : snapshot.agent_running      ? "delivers at this moment"
                                                                      : "not running");
  for (const credentials::Session& session : snapshot.sessions) {
    text += fmt::format("session   {} at {}, team {}\n", session.username, session.origin, session.team_slug);
  }
  if (snapshot.sessions.empty())
    text += snapshot.has_problem("sessions") ? "session   not known\n" : "session   none\n";
  text += fmt::format("last      {}\n", snapshot.counts.last_delivery_ms
                                            ? rfc3339_utc(*snapshot.counts.last_delivery_ms)
                                        : snapshot.has_problem("queue") ? "not known"
                                                                        : "no delivery yet");
  return text + fmt::format("next      {}\n", snapshot.why_not_now.empty()
                                                  ? "when you type: pawprint sync now"
                                                  : snapshot.why_not_now);
}

}  // namespace

Result<Report> run_sync_status(Context& context, const Arguments&) {
  PAW_TRY(snapshot, sync_snapshot(context));
  if (const auto& damaged = snapshot.damaged_sessions)
    context.warnings.add("sessions-damaged", damaged->message, damaged->hint);
  Report report;
  report.data = snapshot_json(snapshot);
  report.text = status_text(snapshot);
  for (const auto& [part, error] : snapshot.problems) {
    if (!report.error) {
      report.error = error;
      if (error.hint.empty()) report.error->hint = "pawprint doctor";
    } else if (error.message != report.error->message) {  // it was in the way twice
      context.warnings.add(part, error.message, error.hint.empty() ? "pawprint doctor" : error.hint);
    }
  }
  return report;
}

}  // namespace pawprint::cli
