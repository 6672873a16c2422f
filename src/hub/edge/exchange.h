// One request on its way through the pipeline, and what the handlers of routes may use.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/access/access.h"
#include "hub/board/board.h"
#include "hub/ingest/ingest.h"
#include "hub/store/store.h"
#include "net/http_server.h"
#include "net/trusted_proxies.h"
#include "net/web_socket.h"

namespace pawprint::hub::edge {

// Who may read /metrics, and what they read.
struct MetricsAccess {
  std::function<Result<std::string>()> text = {};
  std::string token = {};  // empty: only who asks from this machine
};

struct Services {
  store::Store& store;
  access::Access& access;
  ingest::Ingest& ingest;
  board::Board& board;
  // Where clients reach the hub, as https://hub.example.org; empty: where the request says that it came.
  std::string public_url = {};
  // The other side of an upgrade to the live channel; nullptr: there is none to be had
  // now, because the team has as many sockets as it may or the hub is stopping.
  std::function<std::shared_ptr<net::SocketEvents>(const identity::Principal&, bool clock_only)> open_live =
      {};
  bool has_tls = false;  // whether requests come over https, as far as the hub itself can tell
  MetricsAccess metrics = {};
  net::TrustedProxies trusted_proxies = {};
};

struct Route;

inline constexpr std::string_view kSessionCookie = "pawprint_session";

struct Exchange {
  Services& services;
  net::ServerRequest request;
  std::string path = {};                              // without the query
  std::string_view query = {};                        // of request.target
  const Route* route = nullptr;                       // set by the step that finds it
  std::vector<std::string> names = {};                // what the pattern's {placeholders} matched, decoded
  std::optional<identity::Principal> principal = {};  // set when a token was accepted
  std::optional<access::WebSession> web = {};         // set when a cookie was accepted, on a page
  std::string body = {};                              // as it came; once `inflate` has run, inflated
  std::shared_ptr<net::SocketEvents> upgrade = {};    // set by a handler whose answer is 101
  std::string failure = {};                           // for the log: what the hub itself could not do
};

// The first value of a query parameter, decoded (as it came if its encoding is broken); nullopt if it is not
// there.
std::optional<std::string> query_value(const Exchange& exchange, std::string_view name);

// As query_value, of a body of the type application/x-www-form-urlencoded, in which `+` is a space.
std::optional<std::string> form_value(const Exchange& exchange, std::string_view name);

// A cookie of the request (RFC 6265), as it came.
std::optional<std::string> cookie_value(const Exchange& exchange, std::string_view name);

// Where clients reach the hub: what the configuration says, else the Host of the request; nullopt: neither
// does.
std::optional<std::string> hub_origin(const Exchange& exchange);

// Undoes percent-encoding (RFC 3986, 2.1); nullopt if it is broken.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace pawprint::hub::edge
