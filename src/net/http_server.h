// An HTTP/1.1 server on an I/O thread, whose handler runs on worker threads. No Boost in this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_client.h"
#include "net/tls_context.h"
#include "net/tls_front.h"

namespace pawprint::net {

// The head of a request; its body comes later, if it is wanted at all.
struct ServerRequest {
  std::string method;
  std::string target;  // path and query as sent; what is neither, as sent
  std::vector<Header> headers;
  std::string remote_address;        // never an IPv4 one written as IPv6 (::ffff:192.0.2.1)
  bool asks_for_web_socket = false;  // with all that an upgrade takes (RFC 6455, 4.2.1)
  const std::string* header(std::string_view name) const;
};

struct ServerAnswer {
  int status = 200;
  std::vector<Header> headers;
  std::string body;
};

// A request that no handler answers, because the server cannot or will not take it in.
struct Unserved {
  int status = 0;                         // 400, 408, 413, 417, 426, 429, 431, 501 or 503
  std::string_view why;                   // half a sentence, of the server's own words
  const ServerRequest& head;              // as far as it came: all but its address may be empty
  std::chrono::milliseconds since_begun;  // of its first byte
};

// What such a request is answered where nothing else is wanted.
ServerAnswer plain_answer(const Unserved& request);

class SocketEvents;  // web_socket.h

// What is to become of a request, decided on its head alone.
struct Admission {
  // At once: the body is not looked at (it is read past if it is not too long, else the connection ends).
  std::optional<ServerAnswer> answer = {};
  // Otherwise: called with the body, as sent, still compressed if it was.
  std::function<ServerAnswer(std::string body)> with_body = {};
  // Above, or above that of the options: 413. 0: called without one, and what is sent is read past.
  std::uint64_t max_body_bytes = 0;
  // On whose account that goes: threads and memory are shared fairly among accounts.
  std::string account = {};
  // Who asks is known by what they sent: their connection counts as no stranger's from now on.
  bool is_known = false;
  // Instead of all that: the connection becomes a WebSocket. For who asks for one alone.
  std::shared_ptr<SocketEvents> upgrade = {};
  std::vector<Header> upgrade_headers = {};  // of the 101, besides its own
};

struct ServerOptions {
  // Threads, and how many requests may wait for one of them; to more, 503 is the answer. And what one account
  // may have of both; to more requests of it, 429 is the answer.
  struct Crew {
    unsigned workers;
    std::size_t max_waiting = std::numeric_limits<std::uint32_t>::max();
    unsigned workers_of_account = std::numeric_limits<unsigned>::max();
    std::size_t most_of_account = std::numeric_limits<std::size_t>::max();  // that run or wait
  };

  std::string address = "127.0.0.1";
  std::uint16_t port = 0;            // 0: any free port
  std::optional<TlsFiles> tls = {};  // none: plain http
  std::uint64_t max_body_bytes = 1U << 20;
  // Of all bodies that are being read or handled, as far as they have come, and of those of one account. To
  // more, 503 and 429 are the answers.
  std::uint64_t max_body_bytes_in_flight = 64U << 20;
  std::uint64_t max_body_bytes_of_account = 64U << 20;
  // Of all answers above 256 KiB that wait to be read, since who does not read holds them for a while; and of
  // those of one account. In the place of more, 503 and 429 are the answers to GET and HEAD. Any other method
  // has its answer, however much that takes, but is not handled while there is no room at all.
  std::uint64_t max_answer_bytes_in_flight = 128U << 20;
  std::uint64_t max_answer_bytes_of_account = 64U << 20;
  // Connections that may be open at one time, those that became WebSockets among them. A few above it are
  // told so, by 503, whatever they ask, and end then; more are closed as they come.
  std::size_t max_open = 4096;
  // Of them, of one address (base/address_account.h), as long as nobody knows who they are; more are closed
  // as they come.
  std::size_t max_strangers_of_address = std::numeric_limits<std::size_t>::max();
  // Whether many come through an address, which is not bounded then. Called on the I/O thread; none: none is.
  std::function<bool(std::string_view address)> is_proxy = {};
  std::size_t max_handshakes = 1024;  // of TLS, at one time; of one address half of them
  unsigned head_workers = 2;          // threads that judge heads; each connection has one for them at most
  Crew crew{4, 256};
  Crew slow_crew{1, 32};
  // Whose bodies are for the slow crew, so that they never keep the others waiting; if that is full, 429 is
  // the answer.
  // Called on the I/O thread; none: nothing is.
  std::function<bool(const ServerRequest&)> is_slow = {};
  // Makes the answer to a request that no handler answers. Called on the I/O thread; none: a plain answer.
  std::function<ServerAnswer(const Unserved&)> unserved = {};
  std::size_t max_message_bytes = 512U << 10;  // of a WebSocket; above: it is closed with 1009
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds idle_timeout{60'000};
};

class HttpServer {
 public:
  using Handler = std::function<Admission(ServerRequest)>;
  virtual ~HttpServer() = default;  // stops
  virtual std::uint16_t port() const = 0;
  // Reads the certificate and the key again, for connections from now on. Kind `failed` if they cannot be
  // used: then those from before stay, as they do on a server without TLS.
  virtual Result<void> reload_tls() = 0;
  virtual std::size_t connections() const = 0;    // open now, without those that became WebSockets
  virtual std::size_t web_sockets() const = 0;    // open now
  virtual std::uint64_t turned_away() const = 0;  // so far, because too many were open
  virtual TlsFailures tls_failures() const = 0;
  // Stops accepting, lets requests under way finish and WebSockets end within `grace`, then closes. Who
  // opened those tells them first.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

// Listens before it returns. `handler` is called with the head of each request, and is to be quick; then what
// it returned with the body: from several threads at once, never on the I/O thread. They must not throw.
Result<std::unique_ptr<HttpServer>> start_http_server(const ServerOptions& options,
                                                      HttpServer::Handler handler);

}  // namespace pawprint::net
