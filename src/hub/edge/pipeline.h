// What happens to every request before its handler runs, as one ordered list.
#pragma once

#include "hub/edge/exchange.h"

namespace pawprint::hub::edge {

// Runs the steps in order, then the handler. The first step that answers ends it.
net::ServerAnswer run_pipeline(Exchange& exchange);

}  // namespace pawprint::hub::edge
