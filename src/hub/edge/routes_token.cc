#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/format.h"
#include "hub/edge/handlers.h"
#include "hub/edge/json_answer.h"
#include "hub/edge/json_body.h"
#include "protocol/envelope.h"

namespace pawprint::hub::edge {
namespace {

using protocol::json_string;

std::string team_json(const store::Membership& membership) {
  return fmt::format(R"({{"id":{},"name":{},"slug":{},"role":{},"is_private_teamspace":false}})",
                     json_string(membership.team.team_id), json_string(membership.team.name),
                     json_string(membership.team.slug), json_string(membership.role));
}

net::ServerAnswer which_machine_am_i(Exchange& exchange) {
  const identity::Principal& machine = *exchange.principal;
  const auto tokens = exchange.services.store.machine_tokens().list(machine.team_id);
  if (!tokens) return store_failed(exchange, tokens.error());
  const auto known = std::ranges::find(*tokens, machine.user_id, &store::MachineToken::token_id);
  if (known == tokens->end()) return unauthorised("this token is no longer known");
  return json_answer(200,
                     fmt::format(R"({{"user_id":{},"email":"","name":{},"is_machine":true,"teams":[{}]}})",
                                 json_string(known->token_id), json_string(known->name),
                                 team_json({known->team, machine.role})));
}

}  // namespace

net::ServerAnswer sign_in(Exchange& exchange) {
  const auto body = body_object(exchange);
  if (!body) return error_answer(400, body.error().message);
  const auto username = text_at(*body, "username");
  const auto password = text_at(*body, "password");
  if (!username || !password) return error_answer(400, "username and password must be texts");
  const boost::json::value* team = body->if_contains("team_slug");
  if (team != nullptr && !team->is_string() && !team->is_null()) {
    return error_answer(400, "team_slug must be a text");
  }
  return token_answer(exchange,
                      exchange.services.access.login(*username, *password, text_at(*body, "team_slug"),
                                                     exchange.request.remote_address));
}

net::ServerAnswer refresh_token(Exchange& exchange) {
  const auto body = body_object(exchange);
  if (!body) return error_answer(400, body.error().message);
  const auto refresh = text_at(*body, "refresh");
  if (!refresh) return error_answer(400, "refresh must be a text");
  return token_answer(exchange, exchange.services.access.refresh(*refresh));
}

net::ServerAnswer switch_team(Exchange& exchange) {
  const auto body = body_object(exchange);
  if (!body) return error_answer(400, body.error().message);
  const auto team_slug = text_at(*body, "team_slug");
  if (!team_slug) return error_answer(400, "team_slug must be a text");
  return token_answer(exchange, exchange.services.access.switch_team(*exchange.principal, *team_slug));
}

// RFC 7009: a token that is not valid anyway is 200 too; the caller wants it gone, and it is.
net::ServerAnswer revoke_token(Exchange& exchange) {
  const auto revoked = exchange.services.access.revoke(form_value(exchange, "token").value_or(""));
  if (!revoked) return denied(exchange, revoked.error());
  return json_answer(200, "{}");
}

net::ServerAnswer who_am_i(Exchange& exchange) {
  if (exchange.principal->is_machine) return which_machine_am_i(exchange);
  store::Users& users = exchange.services.store.users();
  const auto user = users.find_user_by_id(exchange.principal->user_id);
  if (!user) return store_failed(exchange, user.error());
  if (!*user) return unauthorised("this user is no longer known");
  const auto memberships = users.memberships((*user)->user_id);
  if (!memberships) return store_failed(exchange, memberships.error());
  std::string teams;
  for (const store::Membership& membership : *memberships) {
    teams += (teams.empty() ? "" : ",") + team_json(membership);
  }
  return json_answer(
      200, fmt::format(R"({{"user_id":{},"email":{},"name":{},"teams":[{}]}})", json_string((*user)->user_id),
                       json_string((*user)->email), json_string((*user)->name), teams));
}

}  // namespace pawprint::hub::edge
