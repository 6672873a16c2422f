#include <algorithm>
#include <boost/json/array.hpp>

#include "base/format.h"
#include "cli/agent_process.h"
#include "cli/doctor_checks.h"
#include "cli/json_text.h"
#include "pawprint/version.h"

namespace pawprint::cli {
namespace {

bool is_silent(const boost::json::value& hub) {
  if (!hub.is_object()) return false;
  const boost::json::value* reachable = hub.get_object().if_contains("reachable");
  return reachable != nullptr && reachable->is_bool() && !reachable->get_bool();
}

void check_hub(const boost::json::value& hub, Findings& findings) {
  if (!is_silent(hub)) return;
  const boost::json::object& object = hub.get_object();
  const std::string hint = text_of(object, "hint");
  findings.push_back(
      {"hub", true,
       fmt::format("{} does not answer: {}", text_of(object, "origin"), text_of(object, "problem")),
       hint.empty() ? "pawprint sync now" : hint});
}

}  // namespace

AgentFacts check_agent(const Context& context, const SyncSnapshot& snapshot, Findings& findings) {
  std::vector<std::string> words{"reach"};
  const auto server = chosen_server(context, {}, snapshot.home);
  if (server && *server) words.insert(words.end(), {"--server", **server});
  AgentFacts facts;
  const auto answer = run_agent(context, words);
  if (!answer || answer->error) {
    const Error& error = answer ? *answer->error : answer.error();
    if (error.kind == ErrorKind::interrupted) {
      facts.interrupted = error;
      return facts;
    }
    findings.push_back({"agent", true, error.message, "pawprint --version"});
    return facts;
  }
  const boost::json::value* version = answer->data.if_contains("version");
  if (version != nullptr) facts.version = *version;
  if (facts.version != boost::json::value(kVersion)) {
    findings.push_back({"versions", true,
                        fmt::format("pawprint is {}, its agent is another version", kVersion),
                        "pawprint --version"});
  }
  if (const auto* hubs = answer->data.if_contains("hubs"); hubs != nullptr && hubs->is_array()) {
    facts.hubs = *hubs;
    for (const boost::json::value& hub : hubs->get_array()) check_hub(hub, findings);
  }
  for (const auto& [part, error] : snapshot.problems) {
    if (part != "sessions") continue;
    findings.push_back({"hub", false, "no hub of a session was asked, as the sessions cannot be used",
                        error.hint.empty() ? "pawprint auth login" : error.hint});
  }
  return facts;
}

void check_deliveries(const SyncSnapshot& snapshot, const AgentFacts& agent, Findings& findings) {
  const auto is_told = [&](const std::string& origin) {
    return agent.hubs.is_array() && std::ranges::any_of(agent.hubs.get_array(), [&](const auto& hub) {
             return is_silent(hub) && text_of(hub.get_object(), "origin") == origin;
           });
  };
  for (const outbox::Outbox::Failure& failure : snapshot.failures) {
    if (failure.by == outbox::Outbox::FailedBy::delivery && !is_told(failure.link.server_origin))
      findings.push_back({"delivery", true, failure_text(failure), command_against(failure)});
  }
}

}  // namespace pawprint::cli
