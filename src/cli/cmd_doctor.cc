#include <algorithm>
#include <boost/json/array.hpp>

#include "base/counted.h"
#include "base/edit_hint.h"
#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/doctor_checks.h"
#include "pawprint/version.h"
#include "sqlite/connection.h"

namespace pawprint::cli {
namespace {

struct Examination {
  SyncSnapshot snapshot;
  std::optional<outbox::DatabaseFacts> database;
  AgentFacts agent;
  Findings findings;
};

// What no command does belongs to what is wrong.
void keep_commands_alone(Findings& findings) {
  for (Finding& each : findings) {
    auto hint = read_edit_hint(each.command);
    if (!hint) continue;
    each.message += "; " + hint->edit;
    each.command = std::move(hint->then);
  }
}

Result<Examination> examine(Context& context) {
  Examination seen;
  PAW_TRY(snapshot, sync_snapshot(context));
  seen.snapshot = std::move(snapshot);
  check_home(context.environment, seen.snapshot.home, seen.findings);
  check_lock(context.environment, seen.snapshot, seen.findings);
  check_parts(seen.snapshot, seen.findings);
  check_permissions(context.environment, seen.snapshot.home, seen.findings);
  check_settings(context.environment, seen.snapshot.home, seen.findings);
  check_schemas(context.environment, seen.snapshot, seen.findings);
  seen.database = check_database(context.environment, seen.snapshot, seen.findings);
  check_clock(context.environment, seen.snapshot, seen.database, seen.findings);
  check_sessions(context.environment, seen.snapshot, seen.findings);
  check_decisions(seen.snapshot, seen.findings);
  seen.agent = check_agent(context, seen.snapshot, seen.findings);
  check_deliveries(seen.snapshot, seen.agent, seen.findings);
  return seen;
}

boost::json::object data_of(const Examination& seen) {
  boost::json::object versions{
      {"pawprint", kVersion}, {"agent", seen.agent.version}, {"sqlite", sqlite::library_version()}};
  boost::json::object data;
  data["home"] = seen.snapshot.home.directory.string();
  data["journal_mode"] = nullptr;
  if (seen.database) data["journal_mode"] = seen.database->journal_mode;
  data["versions"] = std::move(versions);
  data["high_water"] = nullptr;
  if (!seen.snapshot.has_problem("queue")) data["high_water"] = seen.snapshot.high_water;
  data["hubs"] = seen.agent.hubs;
  data["status"] = snapshot_json(seen.snapshot);
  boost::json::array findings;
  for (const Finding& each : seen.findings) {
    findings.push_back(boost::json::object{{"check", each.check},
                                           {"severity", each.problem ? "problem" : "note"},
                                           {"message", each.message},
                                           {"command", each.command}});
  }
  data["findings"] = std::move(findings);
  return data;
}

std::string text_of(const Examination& seen) {
  const bool agent_answers = seen.agent.version.is_string();
  std::string text =
      fmt::format("versions  pawprint {}, agent {}, SQLite {}", kVersion,
                  agent_answers ? std::string_view(seen.agent.version.get_string()) : "unknown",
                  sqlite::library_version());
  if (seen.database) text += fmt::format(" ({})", seen.database->journal_mode);
  text += fmt::format("\nhome      {}\n", seen.snapshot.home.directory.string());
  const auto known = [&](std::string_view part, std::uint64_t value) {
    return seen.snapshot.has_problem(part) ? "not known" : fmt::format("{}", value);
  };
  const std::string queue = known("queue", seen.snapshot.high_water);
  text += fmt::format("clock     {}, queue {}{}\n", known("clock", seen.snapshot.clock),
                      seen.snapshot.has_problem("queue") ? "" : "at ", queue);
  if (seen.agent.hubs.is_array()) {
    for (const boost::json::value& hub : seen.agent.hubs.get_array()) {
      if (!hub.at("reachable").as_bool()) continue;
      text += fmt::format("hub       {} answers\n", std::string_view(hub.at("origin").as_string()));
    }
  }
  for (const Finding& each : seen.findings) {
    text += fmt::format("{}   {}\n          try: {}\n", each.problem ? "problem" : "note   ", each.message,
                        each.command);
  }
  if (seen.findings.empty() && !seen.agent.interrupted) text += "all is well\n";
  return text;
}

std::optional<Error> problems_in(const Findings& findings) {
  const auto is_problem = [](const Finding& each) { return each.problem; };
  const auto first = std::ranges::find_if(findings, is_problem);
  if (first == findings.end()) return std::nullopt;
  Error error;
  const auto problems = static_cast<std::size_t>(std::ranges::count_if(findings, is_problem));
  error.message = counted(problems, "problem") + " found";
  error.hint = first->command;
  return error;
}

}  // namespace

Result<Report> run_doctor(Context& context, const Arguments&) {
  PAW_TRY(seen, examine(context));
  Report report;
  report.error = seen.agent.interrupted ? seen.agent.interrupted : problems_in(seen.findings);
  keep_commands_alone(seen.findings);
  report.data = data_of(seen);
  report.text = text_of(seen);
  return report;
}

}  // namespace pawprint::cli
