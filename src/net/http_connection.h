// What the connections of an HTTP server share, and one connection's life. No Boost in this header.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "net/crew.h"
#include "net/http_server.h"
#include "net/shared_room.h"
#include "net/web_socket_loop.h"

namespace boost::asio {
class io_context;
}

namespace pawprint::net {

class Connection;

// Used on the I/O thread alone, but for the crews' threads and `handler`; and `connections`,
// with `mutex`. Connections end with what `io` and the crews still hold, so what they use then stands before.
struct ServerState {
  ServerState();
  ~ServerState();

  ServerOptions options;
  HttpServer::Handler handler;
  SharedRoom body_room;
  SharedRoom answer_room;  // of those that are written
  SharedRoom strangers;    // connections of whom nobody knows yet who they are
  bool stopping = false;
  mutable std::mutex mutex;
  std::set<Connection*> connections;
  std::condition_variable all_closed;  // connections became empty
  std::unique_ptr<boost::asio::io_context> io;
  Crew heads, crew, slow_crew;
  std::unique_ptr<WebSocketLoop> web_sockets;
};

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
