// One connection's life at an HTTP server. No Boost in this header.
#pragma once

#include <string>

namespace pawprint::net {

struct ServerState;

// One connection. It lives as long as a step of it is pending, and is in `connections` for that time.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void close() = 0;
  virtual void close_if_idle() = 0;  // idle: no byte of a request has come yet
};

// What is asked over it gets its answer, or `turned_away` that too many are connected.
enum class Welcome { served, turned_away };

// Serves `descriptor`, a connected stream socket, which it owns from now on. On the I/O thread. False: it is
// closed, because its address has as many open as strangers may.
bool serve_connection(ServerState& state, int descriptor, std::string remote_address, Welcome welcome);

}  // namespace pawprint::net
