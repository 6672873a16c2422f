// Invitations into a team: an owner's to give, for a newcomer or a user of another team to accept.
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

constexpr std::int64_t kStandardSeconds = 7 * 86'400;

std::string invitation_fields(const store::Invitation& invitation) {
  const std::string email = invitation.email.empty() ? "null" : json_string(invitation.email);
  return fmt::format(R"("id":{},"role":{},"email":{},"expires_at":{},"used":{})",
                     json_string(invitation.invitation_id), json_string(invitation.role), email,
                     json_string(rfc3339_utc(invitation.expires_at_ms)), invitation.used_at_ms.has_value());
}

bool is_text_or_nothing(const boost::json::object& body, std::string_view name) {
  const auto* given = body.if_contains(name);
  return given == nullptr || given->is_string() || given->is_null();
}

net::ServerAnswer not_accepted(Exchange& exchange, const access::Denied& why) {
  switch (why.why) {
    case access::Denial::unavailable:
    case access::Denial::throttled:
    case access::Denial::unusable:
      return denied(exchange, why);
    default:
      break;
  }
  const bool conflicts = why.why == access::Denial::not_a_member || why.why == access::Denial::known_user;
  return error_answer(conflicts ? 409 : 403, why.message, "forbidden");
}

}  // namespace

net::ServerAnswer invite(Exchange& exchange) {
  const auto body = body_object(exchange);
  if (!body) return error_answer(400, body.error().message);
  for (const std::string_view name : {"role", "email"}) {
    if (!is_text_or_nothing(*body, name)) return error_answer(400, fmt::format("{} must be a text", name));
  }
  const auto role = text_at(*body, "role").value_or(store::kRoleMember);
  const auto email = text_at(*body, "email").value_or("");
  std::int64_t seconds = kStandardSeconds;
  if (const auto* given = body->if_contains("expires_in"); given != nullptr && !given->is_null()) {
    if (!given->is_int64()) return error_answer(400, "expires_in must be a number of seconds");
    seconds = std::clamp<std::int64_t>(given->get_int64(), 0, store::kMaxInvitationMs);
  }
  const auto team = exchange.services.store.users().find_team(exchange.principal->team_slug);
  if (!team) return store_failed(exchange, team.error());
  if (!*team || (*team)->team_id != exchange.principal->team_id) return not_yours();
  const auto issued = exchange.services.access.invite({.team = **team,
                                                       .role = role,
                                                       .email = email,
                                                       .lifetime_ms = seconds * 1000,
                                                       .inviter_id = exchange.principal->user_id});
  if (!issued && issued.error().kind == ErrorKind::invalid) return error_answer(400, issued.error().message);
  if (!issued) return store_failed(exchange, issued.error());
  return json_answer(200, fmt::format(R"({{"invitation":{},{}}})", json_string(issued->secret),
                                      invitation_fields(issued->invitation)));
}

net::ServerAnswer list_invitations(Exchange& exchange) {
  const auto all = exchange.services.store.invitations().list(exchange.principal->team_id);
  if (!all) return store_failed(exchange, all.error());
  std::string list;
  for (const store::Invitation& one : *all) {
    list += fmt::format("{}{{{}}}", list.empty() ? "" : ",", invitation_fields(one));
  }
  return json_answer(200, fmt::format(R"({{"invitations":[{}]}})", list));
}

net::ServerAnswer withdraw_invitation(Exchange& exchange) {
  const auto withdrawn =
      exchange.services.store.invitations().withdraw(exchange.principal->team_id, exchange.names[0]);
  if (!withdrawn) return store_failed(exchange, withdrawn.error());
  return *withdrawn ? json_answer(200, "{}") : not_yours();
}

net::ServerAnswer accept_invitation(Exchange& exchange) {
  const auto body = body_object(exchange);
  if (!body) return error_answer(400, body.error().message);
  const auto secret = text_at(*body, "invitation"), email = text_at(*body, "email");
  const auto password = text_at(*body, "password");
  if (!secret || !email || !password) {
    return error_answer(400, "invitation, email and password must be texts");
  }
  if (!is_text_or_nothing(*body, "name")) return error_answer(400, "name must be a text");
  const auto pair = exchange.services.access.accept_as_newcomer(
      *secret, {*email, text_at(*body, "name").value_or(""), *password}, exchange.request.remote_address);
  if (!pair) return not_accepted(exchange, pair.error());
  return token_answer(exchange, pair);
}

net::ServerAnswer join_team(Exchange& exchange) {
  const auto body = body_object(exchange);
  if (!body) return error_answer(400, body.error().message);
  const auto secret = text_at(*body, "invitation");
  if (!secret) return error_answer(400, "invitation must be a text");
  const auto pair =
      exchange.services.access.accept_as_user(*secret, *exchange.principal, exchange.request.remote_address);
  if (!pair) return not_accepted(exchange, pair.error());
  return token_answer(exchange, pair);
}

}  // namespace pawprint::hub::edge
