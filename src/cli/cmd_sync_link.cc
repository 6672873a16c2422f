#include "base/format.h"
#include "cli/agent_process.h"
#include "cli/command_functions.h"
#include "cli/link_project.h"
#include "cli/session_json.h"
#include "cli/sync_context.h"
#include "credentials/machine_token.h"
#include "outbox/outbox.h"

namespace pawprint::cli {

namespace {

// Of the token of the environment, unless another hub or somebody's session is named; the hub says whose it
// is.
Result<std::optional<credentials::Session>> session_of_token(Context& context, const Arguments& arguments,
                                                             const std::optional<std::string>& origin) {
  if (arguments.value("--username")) return std::nullopt;
  PAW_TRY(token, credentials::machine_token(context.environment));
  if (!token || token->origin != origin) return std::nullopt;
  PAW_TRY(answer, run_agent(context, {"token"}));
  if (answer.error) return std::unexpected(*std::move(answer.error));
  credentials::Session session = session_in(answer.data);
  const auto team = arguments.value("--team");
  if (!team || *team == session.team_slug) return session;
  return fail(ErrorKind::usage,
              fmt::format("the token in PAWPRINT_TOKEN is of team {}, not of {}", session.team_slug, *team),
              "pawprint sync link");
}

}  // namespace

Result<Report> run_sync_link(Context& context, const Arguments& arguments) {
  PAW_TRY(home, project::find_home(context.environment));
  const Release release = arguments.flag("--release") ? Release::yes : Release::ask;
  PAW_TRY(origin, chosen_server(context, arguments, home));
  PAW_TRY(machine, session_of_token(context, arguments, origin));
  if (machine) return link_project(context, home, *machine, release);
  const credentials::SessionStore store(context.environment, home.directory);
  PAW_TRY(sessions, store.load_or_signed_out(context.warnings));
  PAW_TRY(session, credentials::select_session(sessions, origin, arguments.value("--team"),
                                               arguments.value("--username")));
  return link_project(context, home, session, release);
}

Result<Report> run_sync_unlink(Context& context, const Arguments&) {
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(here, project_here(context, home, IdentityAccess::read));
  Report report;
  report.data["changed"] = false;
  report.text = fmt::format("{} is not linked\n", here.identity.slug);
  if (here.identity.unreadable) return std::unexpected(*here.identity.unreadable);
  if (!here.identity.uuid) return report;
  PAW_TRY(outbox, existing_queue(context, home));
  if (!outbox) return report;
  PAW_TRY(writable, writable_queue(context, home));
  PAW_TRY(ended, writable->unlink(*here.identity.uuid, here.identity.repo_instance));
  if (!ended) return report;
  report.data["changed"] = true;
  report.data["origin"] = ended->server_origin;
  report.data["team_slug"] = ended->team_slug;
  report.text = fmt::format("{} no longer goes to {} at {}; queued events stay on this machine\n",
                            here.identity.slug, ended->team_slug, ended->server_origin);
  return report;
}

}  // namespace pawprint::cli
