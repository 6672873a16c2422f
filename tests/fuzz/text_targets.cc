#include <boost/json/value.hpp>

#include "base/url.h"
#include "hub/board/cursor.h"
#include "hub/edge/exchange.h"
#include "hub/edge/json_answer.h"
#include "hub/edge/json_body.h"
#include "hub/edge/router.h"
#include "protocol/envelope.h"
#include "protocol/json.h"
#include "targets.h"

namespace pawprint::fuzz {
namespace {

// For what uses no service.
hub::edge::Exchange exchange_with(std::string_view body) {
  using hub::edge::Services;
  alignas(Services) static std::byte nothing[sizeof(Services)];
  hub::edge::Exchange exchange{reinterpret_cast<Services&>(nothing), {}};
  exchange.body = body;
  return exchange;
}

}  // namespace

void read_cursor(std::string_view text) {
  const auto cursor = hub::board::decode_cursor(text);
  must_hold(!cursor || hub::board::encode_cursor(*cursor) == text, "a place has one cursor");
  const auto node = hub::board::decode_nodes_cursor(text);
  must_hold(!node || hub::board::encode_nodes_cursor(*node) == text, "a place among machines has one cursor");
  const auto project = hub::board::decode_projects_cursor(text);
  must_hold(!project || hub::board::encode_projects_cursor(*project) == text, "a project has one cursor");
  must_hold(int{cursor.has_value()} + node.has_value() + project.has_value() <= 1, "a cursor is of one list");
}

void read_query(std::string_view target) {
  using namespace hub::edge;
  static constexpr Route kTable[] = {
      {"GET", "/a", Scope::open, 0, nullptr},
      {"POST", "/a/", Scope::open, 0, nullptr},
      {"GET", "/a/{one}/b/{two}", Scope::open, 0, nullptr},
  };
  const auto path = target.substr(0, target.find('?'));
  for (const std::string_view method : {"GET", "POST", "HEAD"}) {
    const Match match = match_route(kTable, method, path);
    must_hold(match.route == nullptr || match.allowed.empty(), "what is served names no other methods");
    for (const std::string& name : match.names) must_hold(!name.empty(), "no placeholder is empty");
  }
  const auto decoded = percent_decoded(target);
  must_hold(!decoded || decoded->size() <= target.size(), "decoding never makes a text longer");
  Exchange exchange = exchange_with(target);
  exchange.query = target.substr(path.size());
  for (const std::string_view name : {"", "a", "limit", "after"}) {
    query_value(exchange, name);
    form_value(exchange, name);
  }
  const auto url = parse_url(target);
  must_hold(!url || (!url->host.empty() && url->target.starts_with('/')), "an address has a host and a path");
  const auto again = url ? parse_url(origin_of(*url)) : url;
  must_hold(!url || (again && again->host == url->host && again->port == url->port),
            "an origin is an address");
}

void read_json_body(std::string_view body) {
  const auto read = hub::edge::body_object(exchange_with(body));
  if (!read) {
    must_hold(read.error().kind == ErrorKind::invalid, "a body that is none is a refusal");
    const auto answer = hub::edge::error_answer(400, read.error().message);
    const auto said = protocol::parse_json(answer.body);
    must_hold(said && said->is_object(), "a refusal is JSON, whatever it quotes");
    return;
  }
  for (const auto& [key, value] : *read) {
    const auto text = hub::edge::text_at(*read, key);
    must_hold(text.has_value() == value.is_string(), "a text is one, and nothing else is");
    if (!text) continue;
    const auto said = protocol::parse_json(protocol::json_string(*text));
    must_hold(said && *said == value, "a text can be said again as it came");
  }
}

}  // namespace pawprint::fuzz
