#include <algorithm>

#include "base/counted.h"
#include "base/format.h"
#include "cli/agent_process.h"
#include "cli/command_functions.h"
#include "cli/json_text.h"
#include "cli/link_project.h"
#include "cli/session_json.h"
#include "outbox/outbox.h"

namespace pawprint::cli {
namespace {

Result<credentials::Session> session_of(const Context& context, const project::Home& home,
                                        const boost::json::object& data) {
  const credentials::SessionStore store(context.environment, home.directory);
  PAW_TRY(sessions, store.load());
  const credentials::Session just_made = session_in(data);
  const auto kept = std::ranges::find_if(
      sessions, [&](const credentials::Session& session) { return same_session(session, just_made); });
  if (kept != sessions.end()) return *kept;
  return fail(ErrorKind::not_signed_in, fmt::format("the sign-in to {} is gone again", just_made.origin),
              "pawprint auth login");
}

// Signing in inside a project offers to link it. What is asked or done is said; a refusal is no error.
Result<void> offer_link(Context& context, const Arguments& arguments, const project::Home& home,
                        Report& report) {
  if (arguments.flag("--no-link")) return {};
  const auto here = project_here(context, home, IdentityAccess::read);
  if (!here) {
    if (here.error().kind == ErrorKind::not_in_project && !arguments.flag("--link")) return {};
    return std::unexpected(here.error());
  }
  PAW_TRY(session, session_of(context, home, report.data));
  std::uint64_t waiting = 0;
  if (here->identity.uuid) {
    PAW_TRY(outbox, existing_queue(context, home));
    if (outbox) {
      PAW_TRY(active, outbox->active_link(*here->identity.uuid, here->identity.repo_instance));
      if (active && active->server_origin == session.origin && active->team_id == session.team_id &&
          active->user_id == session.user_id) {
        return {};
      }
      PAW_TRY(along, waiting_here(*outbox, link_for(here->identity, session)));
      waiting = along.unlinked + along.left_behind;
    }
  }
  const std::string along =
      waiting == 0 ? "" : fmt::format(", and send what waits here ({})", counted(waiting, "event"));
  const bool wanted = arguments.flag("--link") ||
                      ask_on_terminal(context, fmt::format("Link {} to {} at {}{}?", here->identity.slug,
                                                           session.team_slug, session.origin, along));
  if (!wanted) {
    report.text +=
        fmt::format("{} is not linked; to send its events: pawprint sync link\n", here->identity.slug);
    return {};
  }
  PAW_TRY(linked, link_project(context, home, session, Release::yes));
  report.text += linked.text;
  report.data["link"] = std::move(linked.data);
  return {};
}

}  // namespace

Result<Report> run_auth_login(Context& context, const Arguments& arguments) {
  if (arguments.flag("--link") && arguments.flag("--no-link")) {
    return fail(ErrorKind::usage, "--link and --no-link exclude each other", "pawprint auth login --help");
  }
  if (arguments.flag("--device") && (arguments.value("--username") || arguments.flag("--password-stdin"))) {
    return fail(ErrorKind::usage, "--device takes neither --username nor --password-stdin",
                "pawprint auth login --device");
  }
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(server, chosen_server(context, arguments, home));
  if (!server) return fail(ErrorKind::usage, "no hub is set", "pawprint sync server URL");
  std::vector<std::string> words{"login", "--server", *server};
  for (const std::string_view name : {"--team", "--username"}) {
    if (const auto value = arguments.value(name)) words.insert(words.end(), {std::string(name), *value});
  }
  if (arguments.flag("--password-stdin")) words.emplace_back("--password-stdin");
  if (arguments.flag("--device")) words.emplace_back("--device");
  PAW_TRY(answer, run_agent(context, words));
  Report report;
  report.data = std::move(answer.data);
  report.exit_code = answer.exit_code;
  if (answer.error) {
    report.error = std::move(answer.error);
    return report;
  }
  report.text = fmt::format("signed in to {} as {}, team {}\n", text_of(report.data, "origin"),
                            text_of(report.data, "username"), text_of(report.data, "team_slug"));
  PAW_TRY(offered, offer_link(context, arguments, home, report));
  return report;
}

}  // namespace pawprint::cli
