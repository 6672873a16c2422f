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

}  // namespace pawprint::hub::edge
