#include "base/format.h"
#include "base/hash.h"
#include "hub/edge/handlers.h"
#include "hub/edge/json_answer.h"
#include "protocol/batch.h"

namespace pawprint::hub::edge {
namespace {

// A proxy on this machine speaks for others: it says so in a header, or the hub was told its address.
bool comes_from_this_machine(const Exchange& exchange) {
  const net::ServerRequest& request = exchange.request;
  const bool forwarded =
      request.header("Forwarded") != nullptr || request.header("X-Forwarded-For") != nullptr;
  if (forwarded || !exchange.services.public_url.empty()) return false;
  return request.remote_address.starts_with("127.") || request.remote_address == "::1";
}

// Digests are compared, so that the time taken tells nothing of the token.
bool may_read_metrics(const Exchange& exchange) {
  const std::string& token = exchange.services.metrics.token;
  if (token.empty()) return comes_from_this_machine(exchange);
  const std::string* given = exchange.request.header("Authorization");
  return given != nullptr && sha256(*given) == sha256("Bearer " + token);
}

}  // namespace

// The epoch is here, too, so that a client that has nothing to send notices a hub that came back from a
// backup.
net::ServerAnswer sync_health(Exchange& exchange) {
  auto answer = json_answer(200, fmt::format(R"({{"sync_ingress":{{"limits":{}}}}})",
                                             protocol::write_limits(protocol::default_limits())));
  answer.headers.push_back({"X-Pawprint-Epoch", exchange.services.store.epoch()});
  return answer;
}

net::ServerAnswer process_is_up(Exchange&) {
  return json_answer(200, R"({"status":"up"})");
}

net::ServerAnswer hub_is_ready(Exchange& exchange) {
  const auto room = exchange.services.store.disk_room().check();
  if (!room && room.error().kind == ErrorKind::failed) {
    exchange.failure = room.error().message;
    return come_back_later(503, "the disk has less room than the hub keeps; it takes no events", 1);
  }
  if (!room) return store_failed(exchange, room.error());
  const auto written = exchange.services.store.write_probe().check();
  if (!written) return store_failed(exchange, written.error());
  return json_answer(200, R"({"status":"ready"})");
}

net::ServerAnswer show_metrics(Exchange& exchange) {
  if (!may_read_metrics(exchange)) return unauthorised("the metrics need the token that the hub was given");
  if (!exchange.services.metrics.text) return come_back_later(503, "the hub does not count yet", 1);
  const auto text = exchange.services.metrics.text();
  if (!text) return store_failed(exchange, text.error());
  return {200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, *text};
}

}  // namespace pawprint::hub::edge
