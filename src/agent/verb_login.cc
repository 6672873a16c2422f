#include "agent/verbs.h"
#include "base/format.h"
#include "base/printable.h"
#include "base/url.h"
#include "settings/settings.h"
#include "signin/signin.h"

namespace pawprint::agent {
namespace {

Result<std::string> chosen_origin(const Context& context, const Invocation& invocation) {
  if (invocation.server) return normalised_origin(*invocation.server);
  if (const auto named = context.environment.variable("PAWPRINT_SERVER")) return normalised_origin(*named);
  PAW_TRY(settings, settings::load_settings(*context.environment.disk, context.home.directory));
  if (settings.server_url) return normalised_origin(*settings.server_url);
  return fail(ErrorKind::usage,
              "no server is named: neither --server, nor PAWPRINT_SERVER, nor the settings do",
              "pawprint sync server URL");
}

Result<std::string> username_of(Context& context, const Invocation& invocation) {
  if (invocation.username) return *invocation.username;
  if (context.console.can_ask()) return context.console.ask("Username: ");
  return fail(ErrorKind::usage, "there is no terminal to ask for the name on: give it with --username",
              "pawprint auth login --username NAME --password-stdin");
}

Result<std::string> password_of(Context& context, const Invocation& invocation, std::string_view username,
                                std::string_view origin) {
  if (invocation.password_on_stdin) return context.console.read_piped();
  if (context.console.can_ask()) {
    return context.console.ask_secret(printable(fmt::format("Password of {} at {}: ", username, origin)));
  }
  return fail(ErrorKind::usage,
              "there is no terminal to ask for the password on: send it to stdin with --password-stdin",
              "pawprint auth login --username NAME --password-stdin");
}

}  // namespace

Result<Reply> login(Context& context, const Invocation& invocation) {
  PAW_TRY(origin, chosen_origin(context, invocation));
  PAW_TRY(username, username_of(context, invocation));
  if (username.empty())
    return fail(ErrorKind::usage, "cannot sign in: the name is empty", "pawprint auth login");
  PAW_TRY(password, password_of(context, invocation, username, origin));
  if (password.empty()) {
    return fail(ErrorKind::usage, "cannot sign in: the password is empty", "pawprint auth login");
  }
  credentials::SessionStore sessions = context.sessions();
  PAW_TRY(session, signin::login(context.environment, context.http, sessions, origin,
                                 {.username = username, .password = password, .team_slug = invocation.team}));
  return Reply{.data = {{"origin", session.origin},
                        {"username", session.username},
                        {"team_slug", session.team_slug},
                        {"team_id", session.team_id},
                        {"user_id", session.user_id}},
               .error = std::nullopt};
}

}  // namespace pawprint::agent
