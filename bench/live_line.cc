#include "live_line.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/format.h"
#include "net/tls_context.h"

namespace pawprint::bench {
namespace {

double thread_cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Ssl = std::unique_ptr<SSL, SslFree>;

}  // namespace

LiveLine::LiveLine(std::uint16_t port, ssl_ctx_st* tls)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    give_up("cannot connect");
  }
  const int no_delay = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  if (tls == nullptr) return;
  ssl_ = SSL_new(tls);
  if (SSL_set_fd(ssl_, socket_) != 1 || SSL_connect(ssl_) != 1) give_up("no TLS connection");
}

LiveLine::LiveLine(LiveLine&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), ssl_(std::exchange(other.ssl_, nullptr)) {}

LiveLine::~LiveLine() {
  SSL_free(ssl_);
  if (socket_ >= 0) ::close(socket_);
}

void LiveLine::send(std::string_view text) const {
  const auto sent = ssl_ == nullptr ? ::send(socket_, text.data(), text.size(), 0)
                                    : SSL_write(ssl_, text.data(), static_cast<int>(text.size()));
  if (sent != static_cast<ssize_t>(text.size())) give_up("cannot send");
}

void LiveLine::read_until(std::string_view text) const {
  std::array<char, 16384> piece;
  std::string all;
  while (!all.contains(text)) {
    const auto came = ssl_ == nullptr ? ::recv(socket_, piece.data(), piece.size(), 0)
                                      : SSL_read(ssl_, piece.data(), static_cast<int>(piece.size()));
    if (came <= 0) give_up(fmt::format("instead of {}: {}", text, all));
    all.append(piece.data(), static_cast<std::size_t>(came));
  }
}

std::shared_ptr<ssl_ctx_st> client_context(const std::string& authority) {
  return authority.empty() ? nullptr : need(net::client_tls({authority}));
}

std::vector<LiveLine> open_live(const RunningHub& hub, ssl_ctx_st* tls, std::size_t count) {
  const std::string token = hub.sign_in();
  const auto client = hub.client();
  std::vector<LiveLine> lines;
  while (lines.size() < count) {
    const auto answer = need(client->send(request_to("POST", hub.origin() + "/api/v1/ws-token/", token)));
    const auto begin = answer.body.find(R"("ws_token":")") + 12;
    const std::string ticket = answer.body.substr(begin, answer.body.find('"', begin) - begin);
    lines.emplace_back(hub.port(), tls);
    lines.back().send(
        fmt::format("GET /ws/v1/events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: "
                    "Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                    "dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {}\r\n\r\n",
                    ticket));
    lines.back().read_until(R"("type":"snapshot")");
  }
  return lines;
}

double bare_handshake_us(const std::string& certificate, const std::string& key, ssl_ctx_st* client,
                         std::size_t count) {
  const net::TlsContext server = need(net::server_tls({certificate, key}));
  double seconds = 0;
  for (std::size_t i = 0; i < count; ++i) {
    BIO *ours = nullptr, *theirs = nullptr;
    if (BIO_new_bio_pair(&ours, 0, &theirs, 0) != 1) give_up("no memory for a handshake");
    const Ssl connecting(SSL_new(client));
    SSL_set_bio(connecting.get(), theirs, theirs);
    SSL_set_connect_state(connecting.get());
    const double begin = thread_cpu_seconds();
    Ssl accepting(SSL_new(server.get()));
    SSL_set_bio(accepting.get(), ours, ours);
    SSL_set_accept_state(accepting.get());
    seconds += thread_cpu_seconds() - begin;
    for (bool done = false; !done;) {
      const int connected = SSL_do_handshake(connecting.get());
      const double turn = thread_cpu_seconds();
      const int accepted = SSL_do_handshake(accepting.get());
      seconds += thread_cpu_seconds() - turn;
      done = connected == 1 && accepted == 1;
    }
  }
  return seconds * 1e6 / static_cast<double>(count);
}

}  // namespace pawprint::bench
