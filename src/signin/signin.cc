#include "signin/signin.h"

#include <algorithm>

#include "base/failpoint.h"
#include "base/format.h"

namespace pawprint::signin {
namespace {

constexpr std::int64_t kFreshEnoughSeconds = 30;

void take_tokens(credentials::Session& session, const TokenPair& tokens, std::int64_t now_s) {
  session.access = tokens.access;
  session.access_expires_at = now_s + tokens.access_lifetime_s;
  session.refresh = tokens.refresh;
  session.refresh_expires_at = now_s + tokens.refresh_lifetime_s;
}

bool is_usable(const Team& team) {
  return !team.team_id.empty() && !team.slug.empty();
}

// The team that the tokens are bound to.
Result<Team> bound_team(const Account& account, const TokenPair& tokens, std::string_view origin) {
  const auto named =
      std::ranges::find_if(account.teams, [&](const Team& team) { return team.slug == tokens.team_slug; });
  if (named != account.teams.end() && is_usable(*named)) return *named;
  if (tokens.team_slug.empty() && account.teams.size() == 1 && is_usable(account.teams.front())) {
    return account.teams.front();
  }
  return fail(ErrorKind::refused,
              fmt::format("cannot sign in to {}: it does not say which team the sign-in is for", origin));
}

}  // namespace

Result<credentials::Session> login(const Environment& environment, net::HttpClient& http,
                                   credentials::SessionStore& store, std::string_view origin,
                                   const Credentials& credentials) {
  PAW_TRY(tokens, ask_for_tokens(http, origin, credentials));
  return keep_session(environment, http, store, origin, tokens, credentials.username);
}

Result<credentials::Session> keep_session(const Environment& environment, net::HttpClient& http,
                                          credentials::SessionStore& store, std::string_view origin,
                                          const TokenPair& tokens, std::optional<std::string_view> username) {
  PAW_TRY(account, ask_who_i_am(http, origin, tokens.access));
  PAW_TRY(team, bound_team(account, tokens, origin));
  credentials::Session session;
  session.origin = origin;
  session.user_id = account.user_id;
  session.username = username.value_or(account.email);
  session.team_id = team.team_id;
  session.team_slug = team.slug;
  take_tokens(session, tokens, environment.clock->unix_ms() / 1000);
  PAW_TRY(no_refresh_meanwhile, store.lock());
  PAW_TRY(kept, store.put(session));
  return session;
}

Result<credentials::Session> session_of_machine(net::HttpClient& http,
                                                const credentials::MachineToken& token) {
  auto account = ask_who_i_am(http, token.origin, token.secret);
  if (!account && account.error().kind == ErrorKind::not_signed_in)
    return std::unexpected(credentials::machine_token_refused(token.origin));
  PAW_TRY(machine, std::move(account));
  if (!machine.is_machine || machine.teams.size() != 1 || !is_usable(machine.teams.front())) {
    return fail(
        ErrorKind::refused,
        fmt::format("the token in PAWPRINT_TOKEN is not one that {} issued for a machine", token.origin),
        "pawprint-hub token issue --team TEAM --name NAME");
  }
  credentials::Session session;
  session.origin = token.origin;
  session.user_id = credentials::kMachineUser;
  session.username = machine.name;
  session.team_id = machine.teams.front().team_id;
  session.team_slug = machine.teams.front().slug;
  session.access = token.secret;
  session.of_machine = true;
  return session;
}

Result<bool> logout(credentials::SessionStore& store, const credentials::Session& session) {
  PAW_TRY(no_refresh_meanwhile, store.lock());
  return store.remove(session);
}

SignIn::SignIn(const Environment& environment, net::HttpClient& http, credentials::SessionStore& store,
               credentials::Session session)
    : environment_(&environment), http_(&http), store_(&store), session_(std::move(session)) {}

Result<bool> SignIn::is_authenticated() const {
  PAW_TRY(kept, on_disk());
  return kept.has_value();
}

Result<std::string> SignIn::access_token() {
  if (session_.of_machine || seconds_left() >= kFreshEnoughSeconds) return session_.access;
  PAW_TRY(outcome, refresh());
  if (outcome == RefreshOutcome::refreshed) return session_.access;
  if (outcome == RefreshOutcome::rejected) return std::unexpected(signed_out());
  if (seconds_left() > 0) return session_.access;
  return fail(ErrorKind::unreachable, why_unknown_);
}

Result<RefreshOutcome> SignIn::refresh() {
  if (session_.of_machine) return RefreshOutcome::rejected;
  PAW_TRY(one_at_a_time, store_->lock());
  PAW_TRY(kept, on_disk());
  if (!kept) return RefreshOutcome::rejected;
  const bool another_refreshed = kept->access != session_.access;
  session_ = *kept;
  if (another_refreshed && seconds_left() >= kFreshEnoughSeconds) return RefreshOutcome::refreshed;
  const Result<TokenPair> tokens = exchange_refresh_token(*http_, session_.origin, session_.refresh);
  if (!tokens) {
    if (tokens.error().kind == ErrorKind::not_signed_in) return rejected(kept->refresh);
    why_unknown_ = tokens.error().message;
    return RefreshOutcome::unknown;
  }
  take_tokens(session_, *tokens, environment_->clock->unix_ms() / 1000);
  failpoint("refresh-answered");
  PAW_TRY(saved, store_->put(session_));
  failpoint("refresh-saved");
  return RefreshOutcome::refreshed;
}

// A program that takes no lock may have signed in meanwhile: its session is not ours to end.
Result<RefreshOutcome> SignIn::rejected(std::string_view sent_refresh) {
  PAW_TRY(kept, on_disk());
  if (kept && kept->refresh != sent_refresh) {
    session_ = *kept;
    return RefreshOutcome::refreshed;
  }
  PAW_TRY(removed, store_->remove(session_));
  return RefreshOutcome::rejected;
}

Result<std::optional<credentials::Session>> SignIn::on_disk() const {
  if (session_.of_machine) return session_;
  PAW_TRY(sessions, store_->load());
  const auto kept =
      std::ranges::find_if(sessions, [&](const auto& session) { return same_session(session, session_); });
  if (kept == sessions.end()) return std::nullopt;
  return *kept;
}

std::int64_t SignIn::seconds_left() const {
  return session_.access_expires_at - environment_->clock->unix_ms() / 1000;
}

Error SignIn::signed_out() const {
  Error error;
  error.kind = ErrorKind::not_signed_in;
  error.message = fmt::format("the sign-in to {} has ended", session_.origin);
  error.hint = credentials::login_command(session_.origin, session_.team_slug);
  return error;
}

}  // namespace pawprint::signin
