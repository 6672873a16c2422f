#include <algorithm>

#include "base/counted.h"
#include "base/format.h"
#include "cli/agent_process.h"
#include "cli/command_functions.h"
#include "cli/json_text.h"
#include "cli/link_project.h"
#include "cli/session_json.h"
#include "outbox/outbox.h"
#include "settings/settings.h"

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

struct LinkHere {
  bool is_made = false;     // as this session would make it
  bool is_decided = false;  // somebody linked this instance before, or one that it is a copy of
  std::uint64_t waiting = 0;
};

Result<LinkHere> look_at_link(Context& context, const project::Home& home, const project::Identity& identity,
                              const credentials::Session& session) {
  LinkHere here;
  if (!identity.uuid) return here;
  PAW_TRY(outbox, existing_queue(context, home));
  if (!outbox) return here;
  PAW_TRY(active, outbox->active_link(*identity.uuid, identity.repo_instance));
  here.is_made = active && active->server_origin == session.origin && active->team_id == session.team_id &&
                 active->user_id == session.user_id;
  PAW_TRY(before, outbox->was_ever_linked(*identity.uuid, identity.repo_instance));
  PAW_TRY(elsewhere, outbox->linked_elsewhere(*identity.uuid, identity.repo_instance));
  here.is_decided = before || elsewhere;
  PAW_TRY(along, waiting_here(*outbox, link_for(identity, session)));
  here.waiting = along.unlinked + along.left_behind;
  return here;
}

// Settings that cannot be used are warned of, as whoever signs in has done so already.
bool links_by_itself(Context& context, const settings::Settings& settings, const project::Home& home,
                     const std::string& origin) {
  const auto listed = settings::links_by_itself(settings, home.directory, origin);
  if (listed) return *listed;
  context.warnings.add("settings", listed.error().message, listed.error().hint);
  return false;
}

// Signing in inside a project offers to link it, or links it if the settings say so and nobody has decided
// about that before. What is asked or done is said; a refusal is no error.
Result<void> offer_link(Context& context, const Arguments& arguments, const project::Home& home,
                        Report& report) {
  if (arguments.flag("--no-link")) return {};
  const auto settings =
      settings::load_settings_or_defaults(*context.environment.disk, home.directory, context.warnings);
  if (settings.link == "never" && !arguments.flag("--link")) return {};
  const auto here = project_here(context, home, IdentityAccess::read);
  if (!here) {
    if (here.error().kind == ErrorKind::not_in_project && !arguments.flag("--link")) return {};
    return std::unexpected(here.error());
  }
  PAW_TRY(session, session_of(context, home, report.data));
  PAW_TRY(link, look_at_link(context, home, here->identity, session));
  if (link.is_made) return {};
  const bool by_itself = !arguments.flag("--link") && !link.is_decided && !here->identity.unreadable &&
                         links_by_itself(context, settings, home, session.origin);
  const std::string along =
      link.waiting == 0 ? "" : fmt::format(", and send what waits here ({})", counted(link.waiting, "event"));
  const bool wanted = arguments.flag("--link") || by_itself ||
                      ask_on_terminal(context, fmt::format("Link {} to {} at {}{}?", here->identity.slug,
                                                           session.team_slug, session.origin, along));
  if (!wanted) {
    report.text +=
        fmt::format("{} is not linked; to send its events: pawprint sync link\n", here->identity.slug);
    return {};
  }
  auto linked = link_project(context, home, session, by_itself ? Release::no : Release::yes);
  if (!linked && by_itself) {
    context.warnings.add("link", linked.error().message, linked.error().hint);
    return {};
  }
  if (!linked) return std::unexpected(std::move(linked).error());
  report.text += linked->text;
  report.data["link"] = std::move(linked->data);
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
