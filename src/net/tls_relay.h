// One TLS connection, seen from the plain side: a pair of sockets inside the process, and what carries the
// bytes over. HTTP and WebSocket speak to the plain end as to any socket. No Boost, no OpenSSL in this
// header.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/url.h"
#include "net/tls_context.h"

namespace boost::asio {
class io_context;
}

namespace pawprint::net {

// Lives as long as it carries, and as somebody holds it. Used on the thread of its io_context alone.
class TlsRelay {
 public:
  virtual ~TlsRelay() = default;
  virtual void start() = 0;  // once
  virtual void cut() = 0;    // ends it at once, without a farewell; `opened` is not called any more
};

struct TlsRelayOptions {
  TlsContext context;
  bool is_server = true;
  Url server = {};  // of a client: whom it is connected to; the certificate must be for its host
  std::chrono::milliseconds handshake_timeout{10'000};
  // Called once: with the descriptor of the plain end, which is the caller's from then on; or kind
  // `unreachable` with why there is none, and what a client can do about it.
  std::function<void(Result<int>)> opened;
  std::function<void()> ended = {};  // the last that is called, in the destructor
};

// Owns `descriptor`, a connected TCP socket, from now on. The plain end sees the peer's end of the connection
// as its own end, whether the peer said farewell or was cut off.
std::shared_ptr<TlsRelay> make_tls_relay(boost::asio::io_context& io, int descriptor,
                                         TlsRelayOptions options);

}  // namespace pawprint::net
