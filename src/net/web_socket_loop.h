// The thread that reads from a server's WebSockets. No Boost in this header.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "net/http_server.h"
#include "net/web_socket.h"

namespace pawprint::net {

// Thread-safe.
class WebSocketLoop {
 public:
  virtual ~WebSocketLoop() = default;  // ends every connection

  // Takes over a connected TCP socket whose request `head` asks for the upgrade, and answers it with 101 and
  // the headers of `admission`. Messages above `max_message_bytes` end their socket with 1009.
  virtual void accept(int descriptor, const ServerRequest& head, Admission admission,
                      std::size_t max_message_bytes) = 0;

  virtual std::size_t open_sockets() = 0;

  // Waits for the sockets to end, those that do not within `grace` are cut.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

std::unique_ptr<WebSocketLoop> make_web_socket_loop();

}  // namespace pawprint::net
