#include "net/http_client.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <map>
#include <optional>

#include "base/format.h"
#include "base/printable.h"
#include "base/url.h"
#include "net/resolve.h"
#include "net/tls_relay.h"

namespace pawprint::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::beast::flat_buffer;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadAheadBytes = 64U << 10;
constexpr std::uint32_t kMaxAnswerHeaderBytes = 64U << 10;
// What a parser asks for beyond this (a chunk extension, a trailer) is refused.
constexpr std::size_t kMaxBufferBytes = kReadAheadBytes + kMaxAnswerHeaderBytes;

constexpr std::chrono::milliseconds kLookForInterruption{100};
constexpr std::chrono::seconds kLeftOnceInterrupted{1};  // for an answer that is on its way

// For what may fail without any consequence. Asio returns the error that it also stores.
void disregard(const error_code&) {}

struct Connection {
  Connection(Url url, TlsContext context) : server(std::move(url)), tls(std::move(context)) {
    buffer.reserve(kReadAheadBytes);
  }
  Connection(const Connection&) = delete;
  ~Connection() { cut(); }

  // Every step under way then ends, the next time that `io` runs.
  void cut() {
    error_code failed;
    disregard(socket.close(failed));
    if (relay != nullptr) relay->cut();
  }

  Url server;
  TlsContext tls;  // nullptr: plain
  asio::io_context io;
  tcp::socket socket{io};
  std::shared_ptr<TlsRelay> relay;
  flat_buffer buffer{kMaxBufferBytes};
};

// Connect, send, receive, as one chain of asynchronous steps on one connection.
class Exchange {
 public:
  Exchange(Connection& connection, http::request<http::string_body>& message, const HttpRequest& request)
      : connection_(connection), message_(message) {
    parser_.body_limit(request.max_answer_bytes);
    parser_.header_limit(kMaxAnswerHeaderBytes);
    parser_.skip(request.method == "HEAD");
  }

  void connect(const std::vector<tcp::endpoint>& endpoints) {
    asio::async_connect(connection_.socket, endpoints, [this](error_code error, const tcp::endpoint&) {
      if (error) {
        finish("cannot connect", error);
      } else {
        error_code failed;  // then requests only take longer
        disregard(connection_.socket.set_option(tcp::no_delay(true), failed));
        connection_.tls == nullptr ? write() : secure();
      }
    });
  }

  // From then on `socket` is the plain end of the encrypted connection.
  void secure() {
    error_code failed;
    const int descriptor = connection_.socket.release(failed);
    if (failed) return finish("cannot connect", failed);
    TlsRelayOptions options;
    options.context = connection_.tls;
    options.is_server = false;
    options.server = connection_.server;
    options.handshake_timeout = std::chrono::hours(1);  // the exchange has a deadline of its own
    options.opened = [this](const Result<int>& plain_end) {
      error_code refused;
      if (!plain_end) {
        no_tls_ = plain_end.error();
        finish("cannot connect", asio::error::connection_aborted);
      } else if (connection_.socket.assign(tcp::v4(), *plain_end, refused)) {
        finish("cannot connect", refused);
      } else {
        write();
      }
    };
    connection_.relay = make_tls_relay(connection_.io, descriptor, std::move(options));
    connection_.relay->start();
  }

  void write() {
    http::async_write(connection_.socket, message_, [this](error_code error, std::size_t) {
      if (error == asio::error::operation_aborted) {
        finish("cannot send", error);
      } else {
        send_error_ = error;  // a server that stops reading may have answered why
        read();
      }
    });
  }

  bool finished() const { return finished_; }
  bool answer_begun() { return parser_.got_some() || connection_.buffer.size() > 0; }
  const error_code& error() const { return error_; }
  std::string why() const {
    return no_tls_ ? no_tls_->message : fmt::format("{} ({})", failed_step_, error_.message());
  }
  const std::optional<Error>& no_tls() const { return no_tls_; }
  // What a server that speaks TLS does to who does not.
  bool was_hung_up_on() {
    const bool ended = error_ == asio::error::connection_reset || error_ == http::error::end_of_stream;
    return ended && connection_.tls == nullptr && !answer_begun();
  }
  bool reusable() const {
    return !error_ && !send_error_ && parser_.keep_alive() && connection_.buffer.size() == 0;
  }

  HttpAnswer take_answer() {
    auto message = parser_.release();
    HttpAnswer answer;
    answer.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      answer.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    answer.body = std::move(message.body());
    return answer;
  }

 private:
  void read() {
    http::async_read(connection_.socket, connection_.buffer, parser_, [this](error_code error, std::size_t) {
      if (error && send_error_ && !answer_begun()) {
        finish("cannot send", send_error_);
      } else {
        // An answer that only its connection's end ends could have been cut by anybody on the way.
        const bool is_whole = connection_.tls == nullptr || error || !parser_.need_eof();
        finish("no complete answer", is_whole ? error : error_code(http::error::partial_message));
      }
    });
  }

  void finish(std::string_view step, error_code error) {
    finished_ = true;
    failed_step_ = step;
    error_ = error;
  }

  Connection& connection_;
  http::request<http::string_body>& message_;
  http::response_parser<http::string_body> parser_;
  error_code send_error_;
  error_code error_;
  std::string_view failed_step_;
  std::optional<Error> no_tls_;  // why there is no encrypted connection
  bool finished_ = false;
};

bool is_header_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

Result<void> check_headers(const HttpRequest& request) {
  bool usable = !request.method.empty() && is_header_text(request.method) && !request.method.contains(' ');
  for (const auto& [name, value] : request.headers) {
    usable = usable && !name.empty() && !name.contains(':') && is_header_text(name) && is_header_text(value);
  }
  if (!usable) {
    return fail(ErrorKind::invalid, fmt::format("{} {}: a header holds a line break or has no name",
                                                printable(request.method), printable(request.url)));
  }
  return {};
}

http::request<http::string_body> message_of(const HttpRequest& request, const Url& url) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(url.target);
  message.set(http::field::host, origin_of(url).substr(url.secure ? 8 : 7));
  for (const auto& [name, value] : request.headers) {
    message.insert(name, value);
  }
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

std::unexpected<Error> unreachable(const HttpRequest& request, std::string_view why,
                                   std::string remedy = {}) {
  return fail(ErrorKind::unreachable, fmt::format("{} {}: {}", request.method, printable(request.url), why),
              std::move(remedy));
}

std::unexpected<Error> hung_up(const HttpRequest& request, Url url, std::string_view why) {
  url.secure = true;
  return unreachable(
      request, fmt::format("{}; if it is a hub that speaks TLS, its address is {}", why, origin_of(url)));
}

Result<std::vector<tcp::endpoint>> endpoints_of(const Url& url, std::chrono::milliseconds longest) {
  PAW_TRY(addresses, resolve(url, longest));
  std::vector<tcp::endpoint> endpoints;
  for (const std::string& address : addresses) {
    endpoints.emplace_back(asio::ip::make_address(address), url.port);
  }
  return endpoints;
}

class BeastClient final : public HttpClient {
 public:
  BeastClient(const std::atomic<bool>* interrupted, TlsTrust trust)
      : interrupted_(interrupted), trust_(std::move(trust)) {}

  Result<HttpAnswer> send(const HttpRequest& request) override {
    PAW_TRY(url, parse_url(request.url));
    PAW_TRY(origin, normalised_origin(request.url));
    PAW_TRY(checked, check_headers(request));
    if (url.secure && tls_ == nullptr) {
      PAW_TRY(context, client_tls(trust_));
      tls_ = std::move(context);
    }
    try {
      return exchange(request, url, origin);
    } catch (const std::exception& thrown) {  // what the library throws: no memory, a field too long
      kept_.erase(origin);
      return unreachable(request, thrown.what());
    }
  }

 private:
  Result<HttpAnswer> exchange(const HttpRequest& request, const Url& url, const std::string& origin) {
    const auto deadline = Clock::now() + request.timeout;
    auto message = message_of(request, url);
    while (true) {
      auto kept = kept_.find(origin);
      const bool reused = kept != kept_.end();
      std::vector<tcp::endpoint> endpoints;
      if (!reused) {
        auto found = endpoints_of(url, request.timeout);
        if (!found) return unreachable(request, found.error().message);
        endpoints = std::move(*found);
        kept = kept_.emplace(origin, std::make_unique<Connection>(url, url.secure ? tls_ : nullptr)).first;
      }
      Connection& connection = *kept->second;
      Exchange attempt(connection, message, request);
      reused ? attempt.write() : attempt.connect(endpoints);
      const bool in_time = run(attempt, connection, deadline);
      if (in_time && !attempt.error()) {
        const bool reusable = attempt.reusable();
        HttpAnswer answer = attempt.take_answer();
        if (!reusable) {
          kept_.erase(kept);
        }
        return answer;
      }
      const std::string why =
          in_time ? attempt.why() : fmt::format("no answer within {} ms", request.timeout.count());
      const bool was_hung_up_on = in_time && !reused && attempt.was_hung_up_on();
      const std::optional<Error> no_tls = attempt.no_tls();
      // A server closes a connection that was idle; that says nothing about this request.
      const bool was_stale = reused && in_time && !attempt.answer_begun();
      kept_.erase(kept);
      if (!in_time && is_interrupted()) return fail(ErrorKind::interrupted, "interrupted");
      if (no_tls) return unreachable(request, why, no_tls->hint);
      if (was_hung_up_on) return hung_up(request, url, why);
      if (!was_stale) {
        return unreachable(request, why);
      }
    }
  }

  // false: the deadline came first; then every step has been cancelled and has ended.
  bool run(Exchange& attempt, Connection& connection, Clock::time_point deadline) {
    connection.io.restart();
    bool shortened = false;
    while (!attempt.finished() && Clock::now() < deadline) {
      if (!shortened && is_interrupted()) {
        deadline = std::min(deadline, Clock::now() + kLeftOnceInterrupted);
        shortened = true;
      }
      connection.io.run_one_until(std::min(deadline, Clock::now() + kLookForInterruption));
    }
    if (attempt.finished()) {
      return true;
    }
    connection.cut();
    connection.io.restart();
    connection.io.run();
    return false;
  }

  bool is_interrupted() const { return interrupted_ != nullptr && *interrupted_; }

  const std::atomic<bool>* interrupted_;
  TlsTrust trust_;
  TlsContext tls_;  // nullptr until it is needed
  std::map<std::string, std::unique_ptr<Connection>> kept_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(const std::atomic<bool>* interrupted, TlsTrust trust) {
  return std::make_unique<BeastClient>(interrupted, std::move(trust));
}

}  // namespace pawprint::net
