#include "base/format.h"
#include "hub/edge/handlers.h"
#include "hub/edge/json_answer.h"
#include "protocol/batch.h"

namespace pawprint::hub::edge {

net::ServerAnswer sync_health(Exchange&) {
  return json_answer(200, fmt::format(R"({{"sync_ingress":{{"limits":{}}}}})",
                                      protocol::write_limits(protocol::default_limits())));
}

net::ServerAnswer process_is_up(Exchange&) {
  return json_answer(200, R"({"status":"up"})");
}

net::ServerAnswer hub_is_ready(Exchange& exchange) {
  const auto written = exchange.services.store.write_probe().check();
  if (!written) return store_failed(exchange, written.error());
  return json_answer(200, R"({"status":"ready"})");
}

}  // namespace pawprint::hub::edge
