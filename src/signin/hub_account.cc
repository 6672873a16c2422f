#include "signin/hub_account.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/format.h"
#include "base/printable.h"
#include "base/shell_word.h"
#include "signin/hub_answer.h"

namespace pawprint::signin {
namespace {

std::optional<TokenPair> tokens_in(const std::string& body) {
  const auto object = object_in(body);
  if (!object) return std::nullopt;
  TokenPair tokens{.access = text_of(*object, "access"),
                   .refresh = text_of(*object, "refresh"),
                   .access_lifetime_s = seconds_of(*object, "access_lifetime"),
                   .refresh_lifetime_s = seconds_of(*object, "refresh_lifetime"),
                   .team_slug = text_of(*object, "team_slug")};
  const bool complete = !tokens.access.empty() && !tokens.refresh.empty() && tokens.access_lifetime_s > 0 &&
                        tokens.refresh_lifetime_s > 0;
  if (!complete) return std::nullopt;
  return tokens;
}

}  // namespace

Result<TokenPair> ask_for_tokens(net::HttpClient& http, std::string_view origin,
                                 const Credentials& credentials) {
  boost::json::object body{{"username", credentials.username}, {"password", credentials.password}};
  if (credentials.team_slug) body["team_slug"] = *credentials.team_slug;
  PAW_TRY(answer, sent(http, post_json(origin, "/api/v1/token/", body), "cannot sign in", origin));
  if (answer.status == 401) {
    const std::string team = credentials.team_slug
                                 ? fmt::format(", or not for the team {}", printable(*credentials.team_slug))
                                 : "";
    return fail(ErrorKind::wrong_password,
                fmt::format("cannot sign in to {} as {}: the hub does not accept the name and password{}",
                            origin, credentials.username, team),
                "pawprint auth login");
  }
  if (answer.status == 429) {
    const std::string* wait = answer.header("Retry-After");
    const bool named = wait != nullptr && !wait->empty();
    const bool seconds = named && wait->find_first_not_of("0123456789") == std::string::npos;
    const std::string when = !named    ? "later"
                             : seconds ? fmt::format("in {} s", wait->substr(0, 20))
                                       : fmt::format("after {}", printable(wait->substr(0, 40)));
    return fail(ErrorKind::rate_limited,
                fmt::format("cannot sign in to {}: too many attempts, try again {}", origin, when),
                fmt::format("pawprint auth login --server {}", shell_word(origin)));
  }
  if (decides_nothing(answer)) return no_decision("cannot sign in", origin, answer);
  std::optional<TokenPair> tokens = answer.status == 200 ? tokens_in(answer.body) : std::nullopt;
  if (tokens) return *std::move(tokens);
  const std::string why =
      answer.status == 200 ? "its answer is not that of a Pawprint hub" : words_of(answer);
  return fail(ErrorKind::refused, fmt::format("cannot sign in to {}: {}", origin, why));
}

Result<TokenPair> exchange_refresh_token(net::HttpClient& http, std::string_view origin,
                                         std::string_view refresh) {
  const boost::json::object body{{"refresh", refresh}};
  PAW_TRY(answer, sent(http, post_json(origin, "/api/v1/token/refresh/", body), "cannot refresh the sign-in",
                       origin));
  if (answer.status == 401) {
    return fail(ErrorKind::not_signed_in, fmt::format("the sign-in to {} has ended", origin));
  }
  std::optional<TokenPair> tokens = answer.status == 200 ? tokens_in(answer.body) : std::nullopt;
  if (tokens) return *std::move(tokens);
  return no_decision("cannot refresh the sign-in", origin, answer);
}

Result<Account> ask_who_i_am(net::HttpClient& http, std::string_view origin, std::string_view access) {
  net::HttpRequest request;
  request.url = fmt::format("{}/api/v1/me", origin);
  request.headers = {{"Authorization", fmt::format("Bearer {}", access)}, {"Accept", "application/json"}};
  PAW_TRY(answer, sent(http, request, "cannot ask for the account", origin));
  if (answer.status == 401) {
    return fail(ErrorKind::not_signed_in, fmt::format("{} does not accept the sign-in", origin),
                "pawprint auth login");
  }
  if (decides_nothing(answer)) return no_decision("cannot ask for the account", origin, answer);
  const auto object = answer.status == 200 ? object_in(answer.body) : std::nullopt;
  const boost::json::value* teams = object ? object->if_contains("teams") : nullptr;
  if (teams == nullptr || !teams->is_array() || text_of(*object, "user_id").empty()) {
    const std::string why =
        answer.status == 200 ? "its answer is not that of a Pawprint hub" : words_of(answer);
    return fail(ErrorKind::refused, fmt::format("cannot ask {} for the account: {}", origin, why));
  }
  Account account{.user_id = text_of(*object, "user_id"),
                  .email = text_of(*object, "email"),
                  .name = text_of(*object, "name"),
                  .teams = {}};
  const boost::json::value* is_machine = object->if_contains("is_machine");
  account.is_machine = is_machine != nullptr && is_machine->is_bool() && is_machine->get_bool();
  for (const boost::json::value& team : teams->get_array()) {
    if (!team.is_object()) continue;
    account.teams.push_back({text_of(team.get_object(), "id"), text_of(team.get_object(), "slug")});
  }
  return account;
}

}  // namespace pawprint::signin
