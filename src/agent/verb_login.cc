#include <algorithm>

#include "agent/verbs.h"
#include "base/format.h"
#include "base/printable.h"
#include "base/shell_word.h"
#include "base/url.h"
#include "settings/settings.h"
#include "signin/device_login.h"

namespace pawprint::agent {
namespace {

Result<std::string> chosen_origin(const Context& context, const Invocation& invocation) {
  if (invocation.server) return hub_origin(*invocation.server);
  if (const auto named = context.environment.variable("PAWPRINT_SERVER")) return hub_origin(*named);
  PAW_TRY(settings, settings::load_settings(*context.environment.disk, context.home.directory));
  PAW_TRY(set, settings::server_origin(settings, context.home.directory));
  if (set) return *std::move(set);
  return fail(ErrorKind::usage,
              "no server is named: neither --server, nor PAWPRINT_SERVER, nor the settings do",
              "pawprint sync server URL");
}

// The same sign-in, where nobody can be asked.
std::string without_a_terminal(const Invocation& invocation, std::string_view username,
                               std::string_view origin) {
  const std::string team = invocation.team ? " --team " + shell_word(*invocation.team) : "";
  return fmt::format("pawprint auth login --server {}{} --username {} --password-stdin", shell_word(origin),
                     team, shell_word(username));
}

Result<std::string> username_of(Context& context, const Invocation& invocation, std::string_view origin) {
  if (invocation.username) return *invocation.username;
  if (context.console.can_ask()) return context.console.ask("Username: ");
  return fail(ErrorKind::usage, "there is no terminal to ask for the name on: give it with --username",
              without_a_terminal(invocation, "NAME", origin));
}

Result<std::string> password_of(Context& context, const Invocation& invocation, std::string_view username,
                                std::string_view origin) {
  if (invocation.password_on_stdin) return context.console.read_piped();
  if (context.console.can_ask()) {
    return context.console.ask_secret(printable(fmt::format("Password of {} at {}: ", username, origin)));
  }
  return fail(ErrorKind::usage,
              "there is no terminal to ask for the password on: send it to stdin with --password-stdin",
              without_a_terminal(invocation, username, origin));
}

std::string words_for(const signin::DeviceCode& code, std::string_view origin) {
  std::string text = fmt::format("To sign in to {}, open\n    {}\nand enter the code\n    {}\n", origin,
                                 printable(code.verification_uri), printable(code.user_code));
  if (!code.verification_uri_complete.empty()) {
    text += fmt::format("or open\n    {}\n", printable(code.verification_uri_complete));
  }
  return text + fmt::format("Waiting for up to {} minutes; Ctrl-C ends it.\n",
                            std::max<std::int64_t>(1, code.expires_in_s / 60));
}

Result<Reply> login_by_device(Context& context, const Invocation& invocation, const std::string& origin) {
  credentials::SessionStore sessions = context.sessions();
  const Environment& environment = context.environment;
  const signin::DeviceWish wish{origin, fmt::format("{}@{}", environment.username, environment.hostname),
                                invocation.team};
  const signin::DeviceConversation conversation{
      [&](const signin::DeviceCode& code) { context.tell(words_for(code, origin)); },
      [&](std::chrono::milliseconds time) {
        context.waiter.wait(time);
        return !context.interrupted;
      }};
  PAW_TRY(session, signin::login_by_device(environment, context.http, sessions, wish, conversation));
  return signed_in(session);
}

}  // namespace

Reply signed_in(const credentials::Session& session) {
  return Reply{.data = {{"origin", session.origin},
                        {"username", session.username},
                        {"team_slug", session.team_slug},
                        {"team_id", session.team_id},
                        {"user_id", session.user_id}},
               .error = std::nullopt};
}

Result<Reply> login(Context& context, const Invocation& invocation) {
  PAW_TRY(origin, chosen_origin(context, invocation));
  if (invocation.by_device) return login_by_device(context, invocation, origin);
  PAW_TRY(username, username_of(context, invocation, origin));
  if (username.empty())
    return fail(ErrorKind::usage, "cannot sign in: the name is empty", "pawprint auth login");
  PAW_TRY(password, password_of(context, invocation, username, origin));
  if (password.empty()) {
    return fail(ErrorKind::usage, "cannot sign in: the password is empty", "pawprint auth login");
  }
  credentials::SessionStore sessions = context.sessions();
  PAW_TRY(session, signin::login(context.environment, context.http, sessions, origin,
                                 {.username = username, .password = password, .team_slug = invocation.team}));
  return signed_in(session);
}

}  // namespace pawprint::agent
