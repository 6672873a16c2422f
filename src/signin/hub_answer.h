// What every request to a hub's account endpoints has in common: sending it, and reading what comes back.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_client.h"

namespace pawprint::signin {

net::HttpRequest post_json(std::string_view origin, std::string_view target, const boost::json::object& body);

// As HttpClient::send; errors begin with `what` and the origin.
Result<net::HttpAnswer> sent(net::HttpClient& http, const net::HttpRequest& request, std::string_view what,
                             std::string_view origin);

// nullopt: the body is no JSON object.
std::optional<boost::json::object> object_in(const std::string& body);
std::string text_of(const boost::json::object& object, std::string_view key);      // empty: no such text
std::int64_t seconds_of(const boost::json::object& object, std::string_view key);  // 0: no such integer

// What the hub says about a refusal, fit for one line.
std::string words_of(const net::HttpAnswer& answer);

// The same request may be answered otherwise later.
bool decides_nothing(const net::HttpAnswer& answer);

// Kind `unreachable`, for an answer that decides nothing.
std::unexpected<Error> no_decision(std::string_view what, std::string_view origin,
                                   const net::HttpAnswer& answer);

}  // namespace pawprint::signin
