#include "cli/doctor_checks.h"

#include "base/counted.h"
#include "base/format.h"
#include "base/shell_word.h"
#include "outbox/clock_file.h"
#include "outbox/foreign_writer.h"
#include "outbox/readable.h"
#include "protocol/limits.h"

namespace pawprint::cli {
namespace {

constexpr unsigned kOthers = 0077;
// The first keeps a copy of what can be read.
constexpr std::string_view kMendTheQueue = "pawprint sync export --out queue.jsonl; pawprint sync now";

constexpr std::string_view kSetAside =
    "it is set aside by the next delivery, also without a hub, with what can be read carried over";

std::string command_for(const SnapshotProblem& problem, const Path& home) {
  if (problem.part == "queue") return std::string(kMendTheQueue);
  if (problem.part == "project") return "pawprint init";
  const std::string& file = problem.error.file;
  if (problem.part == "spill") return "ls -la " + shell_word((home / "spill").string());
  return "ls -la " + shell_word(file.empty() ? home.string() : file);
}

}  // namespace

void check_parts(const SyncSnapshot& snapshot, Findings& findings) {
  for (const SnapshotProblem& problem : snapshot.problems) {
    const auto& [part, error] = problem;
    const auto same = [&](const SnapshotProblem& each) { return each.error.message == error.message; };
    if (std::ranges::find_if(snapshot.problems, same)->part != part) continue;  // it was in the way twice
    if (error.kind == ErrorKind::busy && part == "queue") continue;             // check_lock has said by whom
    // Who is here needs no advice to come here.
    const bool advised = !error.hint.empty() && error.hint != "pawprint doctor";
    const bool damaged = part == "queue" && !advised;
    const std::string next = damaged ? fmt::format("; if it is damaged, {}", kSetAside) : "";
    findings.push_back({part, true, error.message + next,
                        advised ? error.hint : command_for(problem, snapshot.home.directory)});
  }
}

void check_lock(const Environment& environment, const SyncSnapshot& snapshot, Findings& findings) {
  const auto holder = outbox::foreign_writer(environment, snapshot.home.directory);
  if (holder && *holder) {
    const pid_t process = **holder;
    const bool seen = process > 0;
    findings.push_back(
        {"queue", true,
         fmt::format("another program, {}, locks {}; until it lets go, events go to the overflow and nothing "
                     "is delivered",
                     seen ? fmt::format("process {}", process)
                          : "a process that cannot be seen from here, as in another container",
                     (snapshot.home.directory / outbox::kDatabase).string()),
         seen ? fmt::format("ps -p {}", process) : "pawprint sync status"});
    return;
  }
  for (const auto& [part, error] : snapshot.problems) {
    if (part == "queue" && error.kind == ErrorKind::busy)
      findings.push_back({part, true, error.message, "pawprint sync status"});
  }
}

void check_permissions(const Environment& environment, const project::Home& home, Findings& findings) {
  const auto file_system = environment.disk->file_system(home.directory);
  if (file_system && !file_system->one_kernel) {
    findings.push_back({"home", false,
                        fmt::format("{} is on {}, which several machines may use: the queue does without a "
                                    "WAL, and each event takes longer",
                                    home.directory.string(), file_system->name),
                        "pawprint sync status"});
  }
  // sessions.toml is checked where it is read.
  for (const std::string_view name : {std::string_view(), outbox::kDatabase}) {
    const Path path = name.empty() ? home.directory : home.directory / name;
    const auto status = environment.disk->status(path);
    if (!status) {
      findings.push_back(
          {"permissions", true, status.error().message, "ls -ld " + shell_word(path.string())});
    } else if (*status && (name.empty() ? (*status)->is_directory : (*status)->is_file) &&
               ((*status)->mode & kOthers) != 0) {
      findings.push_back(
          {"permissions", true,
           fmt::format("other users of this machine can get at {} (mode {:o})", path.string(),
                       (*status)->mode),
           fmt::format("chmod {} {}", name.empty() ? "700" : "600", shell_word(path.string()))});
    }
  }
}

void check_settings(const Environment& environment, const project::Home& home, Findings& findings) {
  const auto settings = settings::load_settings(*environment.disk, home.directory);
  const std::string file = shell_word(settings::settings_file(home.directory).string());
  const auto note = [&](const auto& read) {
    if (read) return;
    const Error& error = read.error();
    findings.push_back({"settings", true, error.message, error.hint.empty() ? "ls -l " + file : error.hint});
  };
  note(settings);
  if (!settings) return;
  note(settings::server_origin(*settings, home.directory));
  note(settings::links_by_itself(*settings, home.directory, {}));
}

std::optional<outbox::DatabaseFacts> check_database(const Environment& environment,
                                                    const SyncSnapshot& snapshot, Findings& findings) {
  auto facts = outbox::database_facts(environment, snapshot.home.directory);
  if (!facts) {
    if (!snapshot.has_problem("queue")) {
      findings.push_back({"queue", true, facts.error().message, std::string(kMendTheQueue)});
    }
    return std::nullopt;
  }
  if (*facts && !(*facts)->damage.empty()) {
    findings.push_back({"queue", true,
                        fmt::format("the queue is damaged: {}; {}", (*facts)->damage, kSetAside),
                        std::string(kMendTheQueue)});
  }
  return *std::move(facts);
}

void check_clock(const Environment& environment, const SyncSnapshot& snapshot,
                 const std::optional<outbox::DatabaseFacts>& database, Findings& findings) {
  const Path file = snapshot.home.directory / "clock.json";
  const auto content = read_file(*environment.disk, file);
  // Unreadable: check_parts has said so.
  if (snapshot.has_problem("clock") || !content || (!*content && snapshot.high_water == 0)) return;
  const auto stored = *content ? outbox::read_clock_file(**content) : std::nullopt;
  const auto ceiling = protocol::lamport_ceiling(environment.clock->unix_ms() / 1000);
  if (!stored || *stored < snapshot.high_water) {
    findings.push_back({"clock", false,
                        fmt::format("{} {}; the next event heals it and goes on from {}", file.string(),
                                    !*content ? "is missing"
                                    : stored  ? "is behind the queue"
                                              : "is damaged",
                                    snapshot.clock),
                        "pawprint sync status"});
  } else if (snapshot.clock > ceiling) {
    findings.push_back({"clock", true,
                        fmt::format("the clock is at {}, above {}, the highest that hubs take at this time",
                                    snapshot.clock, ceiling),
                        "pawprint sync status"});
  }
  const std::uint64_t known = std::max(snapshot.high_water, snapshot.overflow.highest);
  if (snapshot.has_problem("queue") || snapshot.has_problem("spill")) return;
  if (!database || database->journal_mode != "wal" || snapshot.clock <= known) return;
  const auto cut = outbox::wal_is_empty_or_cut(environment, snapshot.home.directory);
  if (!cut || !*cut) return;
  findings.push_back({"clock", false,
                      fmt::format("the clock is at {}, the queue at {}, and its WAL is empty or cut: the "
                                  "values between were seen elsewhere, or their events are lost with the WAL",
                                  snapshot.clock, known),
                      "pawprint sync list"});
}

void check_sessions(const Environment& environment, const SyncSnapshot& snapshot, Findings& findings) {
  if (const auto& damaged = snapshot.damaged_sessions)
    findings.push_back({"sessions", true, damaged->message, damaged->hint});
  for (const credentials::Session& session : snapshot.sessions) {
    if (session.refresh_expires_at * 1000 > environment.clock->unix_ms()) continue;
    findings.push_back({"sessions", true,
                        fmt::format("the session of {} at {}, team {}, has ended", session.username,
                                    session.origin, session.team_slug),
                        credentials::login_command(session.origin, session.team_slug)});
  }
  if (snapshot.has_problem("sessions")) return;
  bool told = false;  // of the link here
  for (const outbox::Outbox::Failure& failure : snapshot.failures) {
    if (failure.by != outbox::Outbox::FailedBy::sign_in) continue;
    told = told || (snapshot.link && failure.link.link_id == snapshot.link->link_id);
    findings.push_back({"sessions", true, failure_text(failure), command_against(failure)});
  }
  if (!snapshot.link || told) return;
  const outbox::Link& link = *snapshot.link;
  if (snapshot.linked_by_token()) {
    if (snapshot.has_token()) return;
    findings.push_back({"sessions", true,
                        fmt::format("this project goes to {} at {} by a token, and none for it is set",
                                    link.team_slug, link.server_origin),
                        token_to_set(link)});
    return;
  }
  const bool signed_in = std::ranges::any_of(snapshot.sessions, [&](const credentials::Session& session) {
    return session.origin == link.server_origin && session.team_id == link.team_id &&
           session.user_id == link.user_id;
  });
  if (signed_in) return;
  findings.push_back(
      {"sessions", true,
       fmt::format("this project goes to {} at {}, and {} is signed in there", link.team_slug,
                   link.server_origin, snapshot.sessions.empty() ? "nobody" : "nobody who linked it"),
       credentials::login_command(link.server_origin, link.team_slug)});
}

namespace {

// What is for a link that was ended is told of with the rest of that link; what has no link has to get one.
void check_spill(const SyncSnapshot& snapshot, Findings& findings) {
  std::uint64_t unlinked = snapshot.overflow.total();
  std::uint64_t to_send = 0;
  for (const outbox::DestinationCount& each : snapshot.destinations) {
    unlinked -= each.spilled;
    to_send += each.spilled - each.spilled_ended;
  }
  if (to_send > 0) {
    findings.push_back({"spill", false,
                        fmt::format("{} in the overflow; a delivery takes what has room into the queue",
                                    counted(to_send, "event")),
                        "pawprint sync now"});
  }
  if (unlinked > 0) {
    findings.push_back(
        {"spill", false,
         fmt::format("{} in the overflow {}", counted(unlinked, "event"),
                     snapshot.has_problem("queue") ? "until the queue can be used" : "without a link"),
         "pawprint sync list --state spilled"});
  }
}

}  // namespace

void check_decisions(const SyncSnapshot& snapshot, Findings& findings) {
  for (const auto& [reason, count] : snapshot.counts.parked) {
    findings.push_back({"parked", true, fmt::format("{} refused by a hub: {}", count, reason),
                        "pawprint sync list --state parked"});
  }
  const outbox::Overflow& overflow = snapshot.overflow;
  if (overflow.unreadable > overflow.rejected) {
    findings.push_back(
        {"queue", true,
         fmt::format("{} of the overflow cannot be read; the next delivery sets aside what cannot",
                     counted(overflow.unreadable - overflow.rejected, "line")),
         "pawprint sync now"});
  }
  if (overflow.rejected > 0) {
    const Path kept = snapshot.home.directory / "spill/rejected.jsonl";
    findings.push_back(
        {"queue", true,
         fmt::format("{} of the overflow could not be read and {} kept in {}; this is told until that "
                     "file is moved away",
                     counted(overflow.rejected, "line"), overflow.rejected == 1 ? "is" : "are",
                     kept.string()),
         fmt::format("mv {} .", shell_word(kept.string()))});
  }
  check_spill(snapshot, findings);
  if (const std::uint64_t nobodys = snapshot.without_identity(); nobodys > 0) {
    findings.push_back(
        {"queue", true,
         fmt::format("{} of no project, as its config.yaml could not be read: no hub gets what is "
                     "of no project",
                     counted(nobodys, "event")),
         "pawprint sync diagnose"});
  }
  for (const outbox::DestinationCount& each : snapshot.destinations) {
    const std::uint64_t ended = each.ended + each.spilled_ended;
    if (ended == 0) continue;
    const outbox::Destination& to = each.destination;
    findings.push_back(
        {"queue", false,
         fmt::format("not sent: {} for a link to {} at {} that was ended; linking their project there again "
                     "sends them; to send them where it is linked now: pawprint sync move",
                     counted(ended, "event"), to.team_slug, to.origin),
         snapshot.earlier_here.contains(to) ? std::string("pawprint sync move") : link_command(to)});
  }
  if (!snapshot.here) return;
  if (const auto& unreadable = snapshot.here->identity.unreadable) {
    findings.push_back({"project", true, unreadable->message, unreadable->hint});
    return;
  }
  if (!snapshot.here->identity.uuid || !snapshot.here->identity.linkable) {
    findings.push_back({"project", false, "the project has no identity of its own, so it cannot be linked",
                        "pawprint init"});
    return;
  }
  if (snapshot.has_problem("queue")) return;
  if (!snapshot.link) {
    findings.push_back({"project", false,
                        snapshot.linked_elsewhere ? "this copy of the project is not linked, another one is"
                                                  : "the project is not linked: its events stay here",
                        "pawprint sync link"});
    return;
  }
  if (snapshot.unlinked_here == 0) return;
  findings.push_back(
      {"project", false,
       fmt::format("not sent: {} from before the link", counted(snapshot.unlinked_here, "event")),
       "pawprint sync link --release"});
}

}  // namespace pawprint::cli
