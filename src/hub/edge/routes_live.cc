#include "base/format.h"
#include "hub/edge/handlers.h"
#include "hub/edge/json_answer.h"
#include "protocol/envelope.h"

namespace pawprint::hub::edge {
namespace {

using protocol::json_string;

constexpr std::string_view kLivePath = "/ws/v1/events/";
constexpr std::int64_t kSocketRetrySeconds = 5;

}  // namespace

net::ServerAnswer issue_ws_token(Exchange& exchange) {
  const auto origin = hub_origin(exchange);
  if (!origin) return error_answer(400, "the Host header does not say where the hub is");
  const std::string url =
      (origin->starts_with("https:") ? "wss" : "ws") + origin->substr(origin->find(':')).append(kLivePath);
  const std::string ticket = exchange.services.access.issue_ticket(*exchange.principal);
  return json_answer(200, fmt::format(R"({{"ws_token":{},"ws_url":{},"expires_in":{}}})", json_string(ticket),
                                      json_string(url), access::kTicketLifetimeSeconds));
}

net::ServerAnswer open_live(Exchange& exchange) {
  const bool clock_only = query_value(exchange, "stream") == "clock";
  if (exchange.principal->is_machine && !clock_only) {
    return error_answer(403, "the token of a machine may only open ?stream=clock", "forbidden");
  }
  if (exchange.services.open_live) {
    exchange.upgrade = exchange.services.open_live(*exchange.principal, clock_only);
  }
  // Without this, Beast names itself and its version.
  if (exchange.upgrade != nullptr) return {101, {{"Server", "pawprint-hub"}}, {}};
  return come_back_later(503, "your team has as many sockets open as it may, or the hub is stopping",
                         kSocketRetrySeconds);
}

}  // namespace pawprint::hub::edge
