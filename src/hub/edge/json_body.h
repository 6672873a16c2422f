// Bodies of requests that are JSON objects, and the answer that most of those about tokens get.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "hub/edge/exchange.h"

namespace pawprint::hub::edge {

Result<boost::json::object> body_object(const Exchange& exchange);

// A text of the body; nullopt if it is not there or no text.
std::optional<std::string_view> text_at(const boost::json::object& object, std::string_view key);

net::ServerAnswer token_answer(Exchange& exchange, const access::Answer<access::TokenPair>& pair);

}  // namespace pawprint::hub::edge
