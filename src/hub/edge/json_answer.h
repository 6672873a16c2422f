// The forms that the hub's answers have: JSON bodies, {"error",...} for everything that went wrong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "hub/access/access.h"
#include "hub/edge/exchange.h"
#include "net/http_server.h"

namespace pawprint::hub::edge {

net::ServerAnswer json_answer(int status, std::string body);

// {"error"} or, with a category, {"error","error_category"}.
net::ServerAnswer error_answer(int status, std::string_view message, std::string_view category = {});

// 400 as clients of OAuth know it (RFC 6749, 5.2): {"error","error_description"}.
net::ServerAnswer oauth_error(std::string_view code, std::string_view description);

// 413 with the limits of the protocol.
net::ServerAnswer too_large_answer(std::string_view message);

// 429 or 503: Retry-After and the limits.
net::ServerAnswer come_back_later(int status, std::string_view message, std::int64_t seconds);

// 401, with what RFC 6750 wants said.
net::ServerAnswer unauthorised(std::string_view message);

// For every object that is not the team's, whether it exists elsewhere or not: always the same bytes.
net::ServerAnswer not_yours();

// 503: the store failed, with Retry-After unless it is damaged. Its error goes to the log, not to the client.
net::ServerAnswer store_failed(Exchange& exchange, const Error& error);

net::ServerAnswer denied(Exchange& exchange, const access::Denied& why);

}  // namespace pawprint::hub::edge
