// Which handler a request is for. The table itself is in routes.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub/edge/exchange.h"
#include "net/http_server.h"

namespace pawprint::hub::edge {

enum class Scope {
  open,    // nobody has to be signed in; a token that comes along is not looked at
  ingest,  // a token of a user or of a machine that holds now, as the store knows; its team is the only one
           // that the handler may touch
  member,  // as ingest, but of a user
  owner,   // as member, but of one who owns the team
  ticket,  // a ticket that was issued to a user or a machine, good for this once; or the cookie of a user who
           // signed in on a page, from the hub's own page
  page,  // the cookie of a user who signed in on a page; others are led to that. A form must be the hub's own
  sign_in  // a page that nobody has to be signed in for; a form must come from the hub's own page
};

enum class Media { json, form };  // application/json, application/x-www-form-urlencoded

struct Route {
  std::string_view method;
  std::string_view pattern;  // segments, of which {name} matches any non-empty one
  Scope scope = Scope::member;
  std::uint64_t max_body_bytes = 0;  // after inflation; 0: a body is not looked at
  net::ServerAnswer (*handle)(Exchange&) = nullptr;
  Media media = Media::json;  // of the body
};

std::span<const Route> routes();

struct Match {
  const Route* route = nullptr;    // nullptr: none
  std::vector<std::string> names;  // decoded
  std::string allowed;             // if only the method is wrong: "GET, HEAD, POST"; else empty
};

// HEAD is served by the route for GET. A trailing slash is part of the path.
Match match_route(std::span<const Route> table, std::string_view method, std::string_view path);

}  // namespace pawprint::hub::edge
