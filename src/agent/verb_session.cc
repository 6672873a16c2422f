// logout, whoami and token: what is done with a session that is there.
#include "agent/verbs.h"
#include "base/url.h"
#include "signin/signin.h"

namespace pawprint::agent {
namespace {

Result<credentials::Session> selected(Context& context, const Invocation& invocation) {
  std::optional<std::string> origin;
  if (invocation.server) {
    PAW_TRY(normalised, hub_origin(*invocation.server));
    origin = std::move(normalised);
  }
  PAW_TRY(sessions, context.sessions().load_or_signed_out(context.warnings));
  return credentials::select_session(sessions, std::move(origin), invocation.team, invocation.username);
}

}  // namespace

Result<Reply> logout(Context& context, const Invocation& invocation) {
  PAW_TRY(session, selected(context, invocation));
  credentials::SessionStore sessions = context.sessions();
  PAW_TRY(ended, signin::logout(sessions, session));
  return Reply{
      .data = {{"origin", session.origin}, {"username", session.username}, {"team_slug", session.team_slug}},
      .error = std::nullopt};
}

Result<Reply> whoami(Context& context, const Invocation& invocation) {
  PAW_TRY(session, selected(context, invocation));
  credentials::SessionStore sessions = context.sessions();
  signin::SignIn signin(context.environment, context.http, sessions, session);
  PAW_TRY(token, signin.access_token());
  PAW_TRY(account, signin::ask_who_i_am(context.http, session.origin, token));
  return Reply{.data = {{"origin", session.origin},
                        {"username", session.username},
                        {"team_slug", session.team_slug},
                        {"team_id", session.team_id},
                        {"user_id", account.user_id},
                        {"email", account.email},
                        {"name", account.name}},
               .error = std::nullopt};
}

Result<Reply> token(Context& context, const Invocation&) {
  PAW_TRY(given, credentials::machine_token(context.environment));
  if (!given) return fail(ErrorKind::usage, "PAWPRINT_TOKEN is not set", "export PAWPRINT_TOKEN=TOKEN");
  PAW_TRY(session, signin::session_of_machine(context.http, *given));
  return signed_in(session);
}

}  // namespace pawprint::agent
