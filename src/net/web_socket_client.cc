#include "net/web_socket_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "base/format.h"
#include "base/printable.h"
#include "base/url.h"
#include "net/resolve.h"
#include "net/tls_relay.h"

namespace pawprint::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

// For what may fail without any consequence. Asio returns the error that it also stores.
void disregard(const error_code&) {}

class BeastClient final : public WebSocketClient {
 public:
  explicit BeastClient(std::size_t max_message_bytes) : stream_(io_) {
    stream_.set_option(websocket::permessage_deflate{});
    stream_.read_message_max(max_message_bytes);
    stream_.text(true);
  }

  ~BeastClient() override { end(); }

  // The HTTP status of the answer.
  Result<int> open(const Url& url, const WebSocketRequest& request) {
    PAW_TRY(addresses, resolve(url, request.timeout));
    std::vector<tcp::endpoint> endpoints;
    for (const std::string& address : addresses) {
      endpoints.emplace_back(asio::ip::make_address(address), url.port);
    }
    std::optional<error_code> outcome;
    asio::async_connect(stream_.next_layer(), endpoints,
                        [&](error_code error, const tcp::endpoint&) { outcome = error; });
    PAW_TRY(connected, run_until(outcome, request.timeout, "cannot connect"));
    error_code failed;
    disregard(stream_.next_layer().set_option(tcp::no_delay(true), failed));
    if (url.secure) {
      PAW_TRY(secured, secure(url, request));
    }
    stream_.set_option(websocket::stream_base::decorator([&](websocket::request_type& head) {
      for (const Header& header : request.headers) head.insert(header.name, header.value);
    }));
    websocket::response_type answer;
    outcome.reset();
    stream_.async_handshake(answer, fmt::format("{}:{}", url.host, url.port), url.target,
                            [&](error_code error) { outcome = error; });
    const auto opened = run_until(outcome, request.timeout, "no complete answer");
    if (!opened && outcome != websocket::error::upgrade_declined) return std::unexpected(opened.error());
    return static_cast<int>(answer.result_int());
  }

  Result<std::optional<std::string>> receive(milliseconds longest) override {
    if (!is_reading_) read();
    run(longest, [this] { return read_.has_value(); });
    if (!read_) return std::nullopt;
    if (*read_) return ended(*read_);
    is_reading_ = false;
    std::string text = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    return text;
  }

  Result<void> send(std::string_view text, milliseconds longest) override {
    std::optional<error_code> outcome;
    stream_.async_write(asio::buffer(text), [&](error_code error, std::size_t) { outcome = error; });
    return run_until(outcome, longest, "cannot send");
  }

  std::optional<std::uint16_t> close_code() const override {
    const std::uint16_t code = stream_.reason().code;
    return code == websocket::close_code::none ? std::nullopt : std::optional(code);
  }

 private:
  // From then on the stream is on the plain end of the encrypted connection.
  Result<void> secure(const Url& url, const WebSocketRequest& request) {
    PAW_TRY(context, client_tls(request.trust));
    error_code failed;
    const int descriptor = stream_.next_layer().release(failed);
    if (failed) return lost("cannot connect", failed);
    std::optional<Result<int>> plain_end;
    TlsRelayOptions options;
    options.context = std::move(context);
    options.is_server = false;
    options.server = url;
    options.handshake_timeout = request.timeout;
    options.opened = [&](Result<int> opened) { plain_end = std::move(opened); };
    relay_ = make_tls_relay(io_, descriptor, std::move(options));
    relay_->start();
    run(request.timeout, [&] { return plain_end.has_value(); });
    if (!plain_end) {
      end();
      return lost("no TLS connection", asio::error::timed_out);
    }
    if (!*plain_end) return std::unexpected(plain_end->error());
    if (stream_.next_layer().assign(tcp::v4(), **plain_end, failed)) return lost("cannot connect", failed);
    return {};
  }

  void read() {
    is_reading_ = true;
    read_.reset();
    stream_.async_read(buffer_, [this](error_code error, std::size_t) { read_ = error; });
  }

  template <class Done>
  void run(milliseconds longest, Done done) {
    const auto deadline = std::chrono::steady_clock::now() + longest;
    io_.restart();
    while (!done() && io_.run_one_until(deadline) > 0) {
    }
  }

  Result<void> run_until(std::optional<error_code>& outcome, milliseconds longest, std::string_view what) {
    run(longest, [&] { return outcome.has_value(); });
    if (outcome && !*outcome) return {};
    const bool in_time = outcome.has_value();
    if (!in_time) end();  // `outcome` must not be written to any more
    return lost(what, in_time ? *outcome : error_code(asio::error::timed_out));
  }

  void end() {
    error_code failed;
    disregard(stream_.next_layer().close(failed));
    if (relay_ != nullptr) relay_->cut();
    io_.restart();
    io_.run();
  }

  std::unexpected<Error> ended(const error_code& error) const {
    const auto& reason = stream_.reason().reason;
    const std::string_view why(reason.data(), reason.size());
    if (why.empty()) return lost("the connection ended", error);
    return fail(ErrorKind::unreachable, fmt::format("the peer ended the connection: {}", printable(why)));
  }

  static std::unexpected<Error> lost(std::string_view what, const error_code& error) {
    return fail(ErrorKind::unreachable, fmt::format("{}: {}", what, error.message()));
  }

  asio::io_context io_;
  std::shared_ptr<TlsRelay> relay_;  // nullptr: plain
  websocket::stream<tcp::socket> stream_;
  beast::flat_buffer buffer_;
  std::optional<error_code> read_;
  bool is_reading_ = false;
};

}  // namespace

Result<Opened> open_web_socket(const WebSocketRequest& request) {
  if (!request.url.starts_with("ws")) {
    return fail(ErrorKind::usage, fmt::format("{} is no address of a WebSocket", request.url));
  }
  PAW_TRY(url, parse_url("http" + request.url.substr(2)));
  if (!url.secure && !is_loopback(url)) {
    return fail(ErrorKind::usage, fmt::format("{}: plain ws to this machine only", request.url));
  }
  auto client = std::make_unique<BeastClient>(request.max_message_bytes);
  PAW_TRY(status, client->open(url, request));
  if (status != 101) return Opened{nullptr, status};
  return Opened{std::move(client), status};
}

}  // namespace pawprint::net
