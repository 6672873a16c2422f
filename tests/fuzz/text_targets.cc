#include "base/url.h"
#include "hub/board/cursor.h"
#include "hub/edge/exchange.h"
#include "hub/edge/router.h"
#include "targets.h"

namespace pawprint::fuzz {

void read_cursor(std::string_view text) {
  const auto cursor = hub::board::decode_cursor(text);
  must_hold(!cursor || hub::board::encode_cursor(*cursor) == text, "a place has one cursor");
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
  // Neither uses a service.
  alignas(Services) static std::byte nothing[sizeof(Services)];
  Exchange exchange{reinterpret_cast<Services&>(nothing), {}};
  exchange.query = target.substr(path.size());
  exchange.body = target;
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

}  // namespace pawprint::fuzz
