// What happens to every request before its handler runs, as two ordered lists: what its head decides, and
// what needs the body. A body is read only for a request that has passed the first.
#pragma once

#include "hub/edge/exchange.h"

namespace pawprint::hub::edge {

// Runs the steps of the head in order; the first one that answers ends it. nullopt: the route is found, the
// caller may use it, and `run_handler` is next, with the body if the route takes one.
std::optional<net::ServerAnswer> judge_head(Exchange& exchange);

// After judge_head: the steps of the body, then the handler. The caller is looked at again, so that what
// was revoked while a body came counts.
net::ServerAnswer run_handler(Exchange& exchange);

}  // namespace pawprint::hub::edge
