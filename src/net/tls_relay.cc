#include "net/tls_relay.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <system_error>

#include "base/format.h"
#include "base/printable.h"

namespace pawprint::net {
namespace {

namespace asio = boost::asio;
using AnySocket = asio::generic::stream_protocol::socket;
using boost::system::error_code;

constexpr std::size_t kRecordBytes = 16U << 10;  // the most that TLS carries in one record
constexpr int kTurnsAtOnce = 8;                  // then the other connections have theirs
constexpr std::chrono::seconds kFarewellTime{3};

// For what may fail without any consequence. Asio returns the error that it also stores.
void disregard(const error_code&) {}

enum class Wait { nothing, outer_read, outer_write, inner_read, inner_write };

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

bool is_address(const std::string& host) {
  in6_addr any{};
  return inet_pton(AF_INET, host.c_str(), &any) == 1 || inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

bool expect_host(SSL* ssl, const std::string& host) {
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

Error no_tls(std::string_view why, std::string hint = {}) {
  Error error;
  error.kind = ErrorKind::unreachable;
  error.message = fmt::format("no TLS connection: {}", printable(why));
  error.hint = std::move(hint);
  return error;
}

Error plain_server(const Url& server) {
  Url plain = server;
  plain.secure = false;
  constexpr std::string_view kWhy = "the other side does not speak TLS";
  if (is_loopback(server))
    return no_tls(fmt::format("{}; if it is a hub without it, its address is {}", kWhy, origin_of(plain)));
  return no_tls(kWhy, "pawprint-hub serve --tls-cert FILE --tls-key FILE");
}

Error distrusted(const Url& server, long verified) {
  constexpr std::array kNoAuthority{
      X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE};
  const bool is_unknown = std::ranges::find(kNoAuthority, verified) != kNoAuthority.end();
  Error error;
  error.kind = ErrorKind::unreachable;
  error.message = fmt::format("the certificate is not one to trust for {}: {}{}", server.host,
                              X509_verify_cert_error_string(verified),
                              is_unknown ? "; SSL_CERT_FILE names that of an authority of your own" : "");
  error.hint = is_unknown ? "export SSL_CERT_FILE=FILE"
                          : fmt::format("openssl s_client -connect {}", origin_of(server).substr(8));
  return error;
}

class Relay final : public TlsRelay, public std::enable_shared_from_this<Relay> {
 public:
  Relay(asio::io_context& io, int descriptor, TlsRelayOptions options)
      : options_(std::move(options)),
        outer_(io),
        inner_(io),
        timer_(io),
        ssl_(SSL_new(options_.context.get())) {
    outer_.assign(asio::generic::stream_protocol(AF_INET, IPPROTO_TCP), descriptor);
  }

  ~Relay() override {
    if (options_.ended) options_.ended();
  }

  void start() override {
    error_code failed;
    disregard(outer_.native_non_blocking(true, failed));
    ERR_clear_error();
    const bool ready = ssl_ != nullptr && SSL_set_fd(ssl_.get(), outer_.native_handle()) == 1 &&
                       (options_.is_server || expect_host(ssl_.get(), options_.server.host));
    if (!ready) return refuse(no_tls("it cannot be set up"));
    options_.is_server ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
    end_in(options_.handshake_timeout);
    pump();
  }

  void cut() override {
    options_.opened = nullptr;
    end();
  }

 private:
  void pump() {
    if (!outer_.is_open()) return;
    if (!is_open_ && !shake_hands()) return arm();
    bool moved = true;
    for (int turn = 0; moved && turn < kTurnsAtOnce; ++turn) {
      const bool came = carry_in();
      const bool went = carry_out();
      moved = came || went;
    }
    if (is_broken_ || (in_ended_ && out_ended_)) return end();
    if (!moved) return arm();
    asio::post(outer_.get_executor(), [self = shared_from_this()] { self->pump(); });
  }

  bool shake_hands() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) return open_plain_end();
    const int error = SSL_get_error(ssl_.get(), done);
    in_wait_ = error == SSL_ERROR_WANT_WRITE ? Wait::outer_write : Wait::outer_read;
    out_wait_ = Wait::nothing;
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) refuse(why_no_hands(error));
    return false;
  }

  Error why_no_hands(int error) const {
    const long verified = SSL_get_verify_result(ssl_.get());
    if (!options_.is_server && verified != X509_V_OK) return distrusted(options_.server, verified);
    const unsigned long code = ERR_peek_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    if (error != SSL_ERROR_SSL || reason == nullptr) return no_tls("the other side ended it");
    const bool is_plain = !options_.is_server && ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER;
    return is_plain ? plain_server(options_.server) : no_tls(reason);
  }

  bool open_plain_end() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      refuse(no_tls(std::generic_category().message(errno)));
      return false;
    }
    timer_.cancel();
    inner_.assign(asio::generic::stream_protocol(AF_UNIX, 0), ends[0]);
    is_open_ = true;
    std::exchange(options_.opened, nullptr)(ends[1]);
    return outer_.is_open();
  }

  // Each carries one piece; false: nothing moved, and `*_wait_` says what for.
  bool carry_in() {
    in_wait_ = Wait::nothing;
    if (in_ended_ || is_broken_) return false;
    if (!inbound_.empty()) return deliver_in();
    std::array<char, kRecordBytes> piece;
    ERR_clear_error();
    const int came = SSL_read(ssl_.get(), piece.data(), piece.size());
    if (came > 0) {
      inbound_.assign(piece.data(), static_cast<std::size_t>(came));
      return deliver_in();
    }
    const int error = SSL_get_error(ssl_.get(), came);
    if (error == SSL_ERROR_ZERO_RETURN) {
      in_ended_ = true;
      ::shutdown(inner_.native_handle(), SHUT_WR);
    } else {
      in_wait_ = wait_for(error);
    }
    return false;
  }

  bool deliver_in() {
    const ssize_t taken =
        ::send(inner_.native_handle(), inbound_.data(), inbound_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0) {
      is_broken_ = errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
      in_wait_ = Wait::inner_write;
      return false;
    }
    inbound_.erase(0, static_cast<std::size_t>(taken));
    if (inbound_.empty()) inbound_.shrink_to_fit();
    return true;
  }

  bool carry_out() {
    out_wait_ = Wait::nothing;
    if (out_ended_ || is_broken_) return false;
    if (!outbound_.empty()) return deliver_out();
    std::array<char, kRecordBytes> piece;
    const ssize_t came = ::recv(inner_.native_handle(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (came > 0) {
      outbound_.assign(piece.data(), static_cast<std::size_t>(came));
      return deliver_out();
    }
    if (came < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
      out_wait_ = Wait::inner_read;
    } else {
      say_farewell();
    }
    return false;
  }

  bool deliver_out() {
    ERR_clear_error();
    const int taken = SSL_write(ssl_.get(), outbound_.data(), static_cast<int>(outbound_.size()));
    if (taken <= 0) {
      out_wait_ = wait_for(SSL_get_error(ssl_.get(), taken));
      return false;
    }
    outbound_.erase(0, static_cast<std::size_t>(taken));
    if (outbound_.empty()) outbound_.shrink_to_fit();
    return true;
  }

  Wait wait_for(int error) {
    if (error == SSL_ERROR_WANT_READ) return Wait::outer_read;
    if (error == SSL_ERROR_WANT_WRITE) return Wait::outer_write;
    is_broken_ = true;
    return Wait::nothing;
  }

  // The peer may have more to say, and be told no more; but not for long.
  void say_farewell() {
    out_ended_ = true;
    ERR_clear_error();
    is_broken_ = SSL_shutdown(ssl_.get()) < 0;
    ::shutdown(outer_.native_handle(), SHUT_WR);
    end_in(kFarewellTime);
  }

  void arm() {
    if (!outer_.is_open()) return;
    for (const Wait wanted : {in_wait_, out_wait_}) {
      if (wanted == Wait::outer_read) wait_on(outer_, AnySocket::wait_read, outer_read_armed_);
      if (wanted == Wait::outer_write) wait_on(outer_, AnySocket::wait_write, outer_write_armed_);
      if (wanted == Wait::inner_read) wait_on(inner_, AnySocket::wait_read, inner_read_armed_);
      if (wanted == Wait::inner_write) wait_on(inner_, AnySocket::wait_write, inner_write_armed_);
    }
  }

  void wait_on(AnySocket& socket, AnySocket::wait_type what, bool& armed) {
    if (std::exchange(armed, true)) return;
    socket.async_wait(what, [self = shared_from_this(), &armed](error_code error) {
      armed = false;
      if (!error) self->pump();
    });
  }

  void end_in(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this()](error_code cancelled) {
      if (cancelled) return;
      self->is_open_ ? self->end() : self->refuse(no_tls("it took too long"));
    });
  }

  void refuse(Error why) {
    const auto opened = std::exchange(options_.opened, nullptr);
    end();
    if (opened) opened(std::unexpected(std::move(why)));
  }

  void end() {
    error_code failed;
    timer_.cancel();
    disregard(outer_.close(failed));
    disregard(inner_.close(failed));
  }

  TlsRelayOptions options_;
  AnySocket outer_, inner_;
  asio::steady_timer timer_;
  std::unique_ptr<SSL, SslFree> ssl_;
  std::string inbound_, outbound_;  // what the other side does not take yet
  Wait in_wait_ = Wait::nothing, out_wait_ = Wait::nothing;
  bool outer_read_armed_ = false, outer_write_armed_ = false;
  bool inner_read_armed_ = false, inner_write_armed_ = false;
  bool is_open_ = false;
  bool in_ended_ = false, out_ended_ = false;
  bool is_broken_ = false;
};

}  // namespace

std::shared_ptr<TlsRelay> make_tls_relay(asio::io_context& io, int descriptor, TlsRelayOptions options) {
  return std::make_shared<Relay>(io, descriptor, std::move(options));
}

}  // namespace pawprint::net
