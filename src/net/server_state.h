// What the connections of an HTTP server share. No Boost in this header.
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

// Used on the I/O thread alone, but for the crews' threads, `handler` and the rooms; and `connections`, with
// `mutex`. Connections end with what `io` and the crews still hold, so what they use then stands before.
struct ServerState {
  ServerState();
  ~ServerState();

  ServerOptions options;
  HttpServer::Handler handler;
  SharedRoom body_room;
  SharedRoom answer_room;  // of those that wait to be read
  SharedRoom strangers;    // connections of whom nobody knows yet who they are
  bool stopping = false;
  mutable std::mutex mutex;
  std::set<Connection*> connections;
  std::condition_variable all_closed;  // connections became empty
  std::unique_ptr<boost::asio::io_context> io;
  Crew heads, crew, slow_crew;
  std::unique_ptr<WebSocketLoop> web_sockets;
};

}  // namespace pawprint::net
