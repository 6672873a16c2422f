#include "agent/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/format.h"
#include "pawprint/version.h"

namespace pawprint::agent {
namespace {

struct VerbRow {
  const char* name;
  Verb verb;
  bool names_hub;   // takes --server
  bool names_team;  // takes --team
  bool signs_in;    // takes --username, --password-stdin and --device
  const char* summary;
};

constexpr VerbRow kVerbs[] = {
    {"deliver", Verb::deliver, false, false, false,
     "Send what waits in the queue to the hubs it is meant for"},
    {"login", Verb::login, true, true, true, "Sign in to a hub"},
    {"logout", Verb::logout, true, true, false, "End a session on this machine"},
    {"whoami", Verb::whoami, true, true, false, "Ask the hub whom a session belongs to"},
    {"reach", Verb::reach, true, false, false, "Try whether the hubs of the sessions answer"},
    {"token", Verb::token, false, false, false, "Ask the hub whose the token in PAWPRINT_TOKEN is"},
};

struct Values {
  std::string server;
  std::string team;
  std::string username;
};

std::optional<std::string> given(const CLI::App& app, const char* option, const std::string& value) {
  const CLI::Option* known = app.get_option_no_throw(option);
  if (known == nullptr || known->count() == 0) return std::nullopt;
  return value;
}

void add_verb(CLI::App& app, const VerbRow& row, Values& values, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand(row.name, row.summary);
  if (row.names_hub) verb->add_option("--server", values.server, "URL of the hub");
  if (row.names_team) verb->add_option("--team", values.team, "slug of the team");
  if (row.signs_in) {
    CLI::Option* name =
        verb->add_option("--username", values.username, "whom to sign in; asked for if not given");
    CLI::Option* on_stdin = verb->add_flag("--password-stdin", invocation.password_on_stdin,
                                           "read the password from stdin, not from the terminal");
    verb->add_flag("--device", invocation.by_device, "show a code that somebody approves on the hub's page")
        ->excludes(name)
        ->excludes(on_stdin);
  }
  if (row.verb == Verb::logout || row.verb == Verb::whoami) {
    verb->add_option("--username", values.username, "whose session, where several are signed in");
  }
}

}  // namespace

Result<Invocation> parse_arguments(std::span<const std::string> words) {
  CLI::App app(fmt::format("pawprint-agent {}: delivers events and signs in, for `pawprint`", kVersion));
  app.require_subcommand(1);
  Values values;
  Invocation invocation;
  for (const VerbRow& row : kVerbs) add_verb(app, row, values, invocation);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    const auto verbs = app.get_subcommands();
    invocation.help = verbs.empty() ? app.help() : verbs.front()->help();
    return invocation;
  } catch (const CLI::ParseError& problem) {
    std::string why = problem.what();
    std::ranges::replace(why, '\n', ' ');
    return fail(ErrorKind::usage, fmt::format("pawprint-agent: {}", why), "pawprint-agent --help");
  }
  for (const VerbRow& row : kVerbs) {
    const CLI::App* verb = app.get_subcommand(row.name);
    if (!verb->parsed()) continue;
    invocation.verb = row.verb;
    invocation.server = given(*verb, "--server", values.server);
    invocation.team = given(*verb, "--team", values.team);
    invocation.username = given(*verb, "--username", values.username);
  }
  return invocation;
}

}  // namespace pawprint::agent
