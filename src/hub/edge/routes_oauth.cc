// The device grant (RFC 8628) and refreshing (RFC 6749, 6) as OAuth clients know them.
#include "base/format.h"
#include "hub/edge/handlers.h"
#include "hub/edge/json_answer.h"
#include "protocol/envelope.h"

namespace pawprint::hub::edge {
namespace {

using protocol::json_string;

constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr std::size_t kMaxNameBytes = 100;

net::ServerAnswer oauth_tokens(const access::TokenPair& pair) {
  return json_answer(
      200,
      fmt::format(R"({{"access_token":{},"refresh_token":{},"token_type":"Bearer","expires_in":{},)"
                  R"("refresh_expires_in":{},"session_id":{},"team_slug":{}}})",
                  json_string(pair.access), json_string(pair.refresh), pair.access_lifetime_seconds,
                  pair.refresh_lifetime_seconds, json_string(pair.session_id), json_string(pair.team_slug)));
}

net::ServerAnswer device_state(access::DeviceState state) {
  switch (state) {
    case access::DeviceState::pending:
      return oauth_error("authorization_pending", "nobody has decided yet");
    case access::DeviceState::slow_down:
      return oauth_error("slow_down", "wait 5 seconds longer between two requests");
    case access::DeviceState::denied:
      return oauth_error("access_denied", "the sign-in was denied");
    case access::DeviceState::expired:
      return oauth_error("expired_token", "nobody has decided in time");
    case access::DeviceState::unknown:
    case access::DeviceState::approved:
      break;
  }
  return oauth_error("invalid_grant", "the device code is not known, or was used already");
}

net::ServerAnswer poll_device(Exchange& exchange) {
  const auto device_code = form_value(exchange, "device_code");
  if (!device_code) return oauth_error("invalid_request", "device_code is missing");
  const access::DeviceAnswer answer = exchange.services.access.poll_device(*device_code);
  if (const auto* pair = std::get_if<access::TokenPair>(&answer)) return oauth_tokens(*pair);
  if (const auto* state = std::get_if<access::DeviceState>(&answer)) return device_state(*state);
  return denied(exchange, std::get<access::Denied>(answer));
}

net::ServerAnswer refresh(Exchange& exchange) {
  const auto token = form_value(exchange, "refresh_token");
  if (!token) return oauth_error("invalid_request", "refresh_token is missing");
  const auto pair = exchange.services.access.refresh(*token);
  if (pair) return oauth_tokens(*pair);
  if (pair.error().why != access::Denial::rejected) return denied(exchange, pair.error());
  return oauth_error("invalid_grant", pair.error().message);
}

}  // namespace

net::ServerAnswer begin_device(Exchange& exchange) {
  access::DeviceRequest request{
      form_value(exchange, "client_id").value_or(""), form_value(exchange, "machine").value_or(""),
      form_value(exchange, "team_slug").value_or(""), exchange.request.remote_address};
  if (request.client_id.empty()) return oauth_error("invalid_request", "client_id is missing");
  for (const std::string* text : {&request.client_id, &request.machine, &request.team_slug}) {
    if (text->size() > kMaxNameBytes) return oauth_error("invalid_request", "a name has more than 100 bytes");
  }
  const auto origin = hub_origin(exchange);
  if (!origin) return oauth_error("invalid_request", "the Host header does not say where the hub is");
  const auto codes = exchange.services.access.begin_device(std::move(request));
  if (!codes) return denied(exchange, codes.error());
  const std::string page = *origin + "/device";
  return json_answer(200, fmt::format(R"({{"device_code":{},"user_code":{},"verification_uri":{},)"
                                      R"("verification_uri_complete":{},"expires_in":{},"interval":{}}})",
                                      json_string(codes->device_code), json_string(codes->user_code),
                                      json_string(page), json_string(page + "?user_code=" + codes->user_code),
                                      access::kDeviceLifetimeSeconds, access::kDeviceIntervalSeconds));
}

net::ServerAnswer issue_oauth_token(Exchange& exchange) {
  const auto grant = form_value(exchange, "grant_type");
  if (!grant) return oauth_error("invalid_request", "grant_type is missing");
  if (grant == kDeviceGrant) return poll_device(exchange);
  if (grant == "refresh_token") return refresh(exchange);
  return oauth_error("unsupported_grant_type", "the hub knows device_code and refresh_token");
}

}  // namespace pawprint::hub::edge
