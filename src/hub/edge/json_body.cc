#include "hub/edge/json_body.h"

#include <boost/json/value.hpp>

#include "base/format.h"
#include "hub/edge/json_answer.h"
#include "protocol/envelope.h"
#include "protocol/json.h"

namespace pawprint::hub::edge {

using protocol::json_string;

Result<boost::json::object> body_object(const Exchange& exchange) {
  PAW_TRY(value, protocol::parse_json(exchange.body));
  if (!value.is_object()) return fail(ErrorKind::invalid, "the body is not a JSON object");
  return std::move(value.get_object());
}

std::optional<std::string_view> text_at(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

net::ServerAnswer token_answer(Exchange& exchange, const access::Answer<access::TokenPair>& pair) {
  if (!pair) return denied(exchange, pair.error());
  return json_answer(
      200,
      fmt::format(R"({{"access":{},"refresh":{},"access_lifetime":{},"refresh_lifetime":{},"team_slug":{}}})",
                  json_string(pair->access), json_string(pair->refresh), pair->access_lifetime_seconds,
                  pair->refresh_lifetime_seconds, json_string(pair->team_slug)));
}

}  // namespace pawprint::hub::edge
