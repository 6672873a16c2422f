// The hub's HTTP interface (docs/protocol.md): from a request as it arrived to the answer that goes back.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/environment.h"
#include "base/ulid.h"
#include "hub/edge/exchange.h"
#include "net/http_server.h"

namespace pawprint::hub::edge {

// What is worth a line in the hub's log.
struct Record {
  std::string request_id;
  std::string method;          // empty: what came is no request
  std::string_view route;      // its pattern; empty: there is none
  std::string path;            // without the query; as sent, so not safe to print as it is
  std::string remote_address;  // the client's, as far as it is known
  int status = 0;
  std::int64_t took_ms = 0;  // from its head to its answer, the time in which its body came included
  std::string failure;       // what the hub itself could not do; empty unless the status is 5xx
};

// Thread-safe. Everything it is given outlives it.
class Edge {
 public:
  using Observer = std::function<void(const Record&)>;  // called from several threads at once

  Edge(const Environment& environment, const Services& services, Observer observer);

  // The answer, or that the body is wanted first. What goes wrong is an answer too. Blocks for the store.
  // What is called with the body blocks for a password check too, where one is asked for.
  net::Admission admit(net::ServerRequest head);

  // For a request that the server did not take in: the observer hears of it too.
  net::ServerAnswer unserved(const net::Unserved& request);

  // Whether a request asks for a password check, the one thing that keeps a thread busy for long.
  static bool checks_password(const net::ServerRequest& request);

 private:
  struct Visit;  // one request, from its head to its answer
  net::ServerAnswer leave(Visit& visit, net::ServerAnswer answer);
  net::ServerAnswer finish(net::ServerAnswer answer, const std::string& request_id);

  ClockSource& clock_;
  Services services_;
  Observer observer_;
  UlidGenerator request_ids_;
};

}  // namespace pawprint::hub::edge
