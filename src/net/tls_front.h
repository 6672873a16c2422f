// The TLS side of a server: a thread that shakes hands with those who connect, and carries what they say. No
// Boost in this header.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/tls_context.h"

namespace pawprint::net {

// Connections that never came to speak, so far.
struct TlsFailures {
  std::uint64_t too_many = 0;  // closed as they came, because of the handshakes that were under way
  std::uint64_t handshake =
      0;  // the peer did not speak TLS, did not take the certificate, left or was too slow
};

// Thread-safe.
class TlsFront {
 public:
  virtual ~TlsFront() = default;  // cuts every connection

  // Takes over a connected TCP socket; `account` is on whose account its handshake goes. `opened` is called
  // with the plain end's descriptor, which is its own from then on; never, if the peer cannot or will not
  // speak TLS.
  virtual void take(int descriptor, std::string account, std::function<void(int descriptor)> opened) = 0;

  // For connections from now on; the others go on as they are.
  virtual void use(TlsContext context) = 0;

  virtual TlsFailures failures() const = 0;

  // Waits for what is still to be carried; what is not within `grace` is cut.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

// Of more handshakes at one time than `max_handshakes`, or half of them on one account, the connections are
// closed as they come.
std::unique_ptr<TlsFront> make_tls_front(TlsContext context, std::chrono::milliseconds handshake_timeout,
                                         std::size_t max_handshakes);

}  // namespace pawprint::net
