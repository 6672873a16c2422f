// A WebSocket client (RFC 6455): text messages, no compression, over TLS or to this machine.
// No Boost in this header.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http_client.h"

namespace pawprint::net {

struct WebSocketRequest {
  std::string url;  // wss://host:port/path, or ws:// to loopback
  std::vector<Header> headers = {};
  TlsTrust trust = {};                        // for wss://
  std::chrono::milliseconds timeout{10'000};  // for connecting and the handshake
  std::size_t max_message_bytes = 16U << 20;
};

// For one thread. Pings of the peer are answered while receive() or send() runs.
class WebSocketClient {
 public:
  virtual ~WebSocketClient() = default;  // closes the connection without a farewell

  // The next message; nullopt: none came in time. Kind `unreachable`: the connection has ended, closed by the
  // peer (close_code() says how) or lost.
  virtual Result<std::optional<std::string>> receive(std::chrono::milliseconds longest) = 0;

  // Kind `unreachable`: the connection has ended, or the peer took nothing for `longest`; then it has ended
  // too.
  virtual Result<void> send(std::string_view text, std::chrono::milliseconds longest) = 0;

  // What the peer closed with (RFC 6455, 7.4); nullopt while it did not.
  virtual std::optional<std::uint16_t> close_code() const = 0;
};

struct Opened {
  std::unique_ptr<WebSocketClient> socket;  // nullptr: the server answered something else than 101
  int status = 0;
};

// Kind `usage` for a URL that cannot be used, `unreachable` without an answer in time.
Result<Opened> open_web_socket(const WebSocketRequest& request);

}  // namespace pawprint::net
