#include "net/http_server.h"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "base/format.h"
#include "net/crew.h"

namespace pawprint::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::beast::flat_buffer;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t kReadAheadBytes = 128U << 10;  // one read takes a whole batch; 512 B by default
constexpr std::size_t kFirstReadBytes = 1U << 10;    // what an idle connection holds
constexpr std::uint32_t kMaxHeaderBytes = 32U << 10;
constexpr std::size_t kMaxBufferBytes = kReadAheadBytes + kMaxHeaderBytes;  // chunk extensions, trailers
constexpr std::uint64_t kMaxDrainBytes = 16U << 20;  // of a body above the limit, to keep its connection
constexpr milliseconds kLingerTime{2'000};
constexpr milliseconds kAcceptRetry{100};
constexpr std::size_t kMaxConnections = 4096;

// For what may fail without any consequence. Asio returns the error that it also stores.
void disregard(const error_code&) {}

class Connection;

// What the connections share. Used on the I/O thread alone, but for the crews' threads, `handler` and
// `too_large`. Connections end with what `io` and the crews still hold, so what they use then stands before.
struct Shared {
  ServerOptions options;
  HttpServer::Handler handler;
  std::function<ServerAnswer()> too_large;
  std::set<Connection*> connections;
  bool stopping = false;
  std::mutex mutex;
  std::condition_variable all_closed;  // with `mutex`: connections became empty
  asio::io_context io;
  Crew crew, slow_crew;
};

// One connection: wait, read a header, read its body, answer, again. Kept alive by its pending steps.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, tcp::socket socket)
      : shared_(shared), socket_(std::move(socket)), timer_(shared.io) {
    const std::scoped_lock lock(shared_.mutex);
    shared_.connections.insert(this);
  }

  ~Connection() {
    const std::scoped_lock lock(shared_.mutex);
    shared_.connections.erase(this);
    if (shared_.connections.empty()) {
      shared_.all_closed.notify_all();
    }
  }

  void start() {
    error_code failed;  // then answers only take longer
    disregard(socket_.set_option(tcp::no_delay(true), failed));
    wait_for_request(shared_.options.header_timeout);
  }

  void close() {
    error_code failed;
    disregard(socket_.close(failed));
    timer_.cancel();
  }

  void close_if_idle() {
    if (idle_) {
      close();
    }
  }

 private:
  using Step = void (Connection::*)(error_code, std::size_t);

  auto then(Step step) {
    return [self = shared_from_this(), step](error_code error, std::size_t bytes) {
      self->timer_.cancel();
      (self.get()->*step)(error, bytes);
    };
  }

  // Cancels the step under way when the time has come; that step then sees `timed_out_`.
  void limit_time(milliseconds limit) {
    timed_out_ = false;
    timer_.expires_after(limit);
    timer_.async_wait([self = shared_from_this(), turn = ++turn_](error_code error) {
      if (!error && turn == self->turn_) {
        self->timed_out_ = true;
        error_code failed;
        disregard(self->socket_.cancel(failed));
      }
    });
  }

  void wait_for_request(milliseconds limit) {
    if (shared_.stopping) {
      return close();
    }
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(boost::none);  // on_header looks at the length itself
    if (buffer_.size() > 0) {          // the next request came with the last one
      return read_header();
    }
    idle_ = true;
    buffer_ = flat_buffer(kMaxBufferBytes);
    limit_time(limit);
    socket_.async_read_some(buffer_.prepare(kFirstReadBytes), then(&Connection::on_first_bytes));
  }

  void on_first_bytes(error_code error, std::size_t bytes) {
    idle_ = false;
    if (error) {
      return close();
    }
    buffer_.commit(bytes);
    read_header();
  }

  void read_header() {
    buffer_.reserve(kReadAheadBytes);
    limit_time(shared_.options.header_timeout);
    http::async_read_header(socket_, buffer_, *parser_, then(&Connection::on_header));
  }

  void on_header(error_code error, std::size_t) {
    is_head_ = !error && parser_->get().method() == http::verb::head;
    keep_alive_ = !error && parser_->keep_alive();
    if (error) {
      return on_broken_request(error);
    }
    const auto& message = parser_->get();
    const auto length = parser_->content_length();
    const bool expects = message.count(http::field::expect) > 0;
    const bool continues = boost::beast::iequals(message[http::field::expect], "100-continue");
    if (expects && !continues) {
      return answer_and_close(plain_error(417, "this expectation is not supported"));
    }
    if (length && *length > shared_.options.max_body_bytes) {
      return expects ? answer_and_close(shared_.too_large()) : refuse_body(*length);
    }
    parser_->body_limit(shared_.options.max_body_bytes);  // for what comes in chunks
    if (expects && buffer_.size() == 0) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      limit_time(shared_.options.body_timeout);
      return asio::async_write(socket_, asio::buffer(kContinue), then(&Connection::on_continue_sent));
    }
    read_body();
  }

  void on_continue_sent(error_code error, std::size_t) { error ? close() : read_body(); }

  void read_body() {
    limit_time(shared_.options.body_timeout);
    http::async_read(socket_, buffer_, *parser_, then(&Connection::on_body));
  }

  void on_body(error_code error, std::size_t) {
    if (error == http::error::body_limit) {  // chunked: where it ends is not known
      return answer_and_close(shared_.too_large());
    }
    if (error) {
      return on_broken_request(error);
    }
    dispatch();
  }

  void on_broken_request(error_code error) {
    if (timed_out_) {
      return answer_and_close(plain_error(408, "the request did not arrive in time"));
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return answer_and_close(plain_error(431, "the header is too large"));
    }
    if (error.category() == make_error_code(http::error::end_of_stream).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message) {
      return answer_and_close(plain_error(400, "this is not an HTTP request"));
    }
    close();
  }

  // A body that is too large, but not by far, is read and thrown away, so that the connection stays usable.
  void refuse_body(std::uint64_t length) {
    if (length > kMaxDrainBytes) {
      return answer_and_close(shared_.too_large());
    }
    const std::size_t here = std::min<std::size_t>(length, buffer_.size());
    buffer_.consume(here);
    drain_left_ = length - here;
    limit_time(shared_.options.body_timeout);
    drain();
  }

  void drain() {
    if (drain_left_ == 0) {
      timer_.cancel();
      return answer(shared_.too_large());
    }
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(scratch_.size(), drain_left_));
    socket_.async_read_some(asio::buffer(scratch_.data(), want),
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              self->drain_left_ -= bytes;
                              error ? self->close() : self->drain();
                            });
  }

  void dispatch() {
    ServerRequest request;
    auto message = parser_->release();
    request.method = message.method_string();
    request.target = message.target();
    for (const auto& field : message) {
      request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    request.body = std::move(message.body());
    error_code error;
    request.remote_address = socket_.remote_endpoint(error).address().to_string();
    const bool slow = shared_.options.is_slow && shared_.options.is_slow(request);
    Crew& crew = slow ? shared_.slow_crew : shared_.crew;
    if (crew.is_full()) {
      return answer(refused(shared_.options, slow ? 429 : 503));
    }
    ++crew.inside;
    asio::post(*crew.threads, [self = shared_from_this(), &crew, request = std::move(request)]() mutable {
      ServerAnswer made = self->handle(std::move(request));
      asio::io_context& io = self->shared_.io;  // the last owner must end on the I/O thread
      asio::post(io, [self = std::move(self), &crew, made = std::move(made)]() mutable {
        --crew.inside;
        self->answer(std::move(made));
      });
    });
  }

  ServerAnswer handle(ServerRequest request) const {
    try {
      return shared_.handler(std::move(request));
    } catch (const std::exception&) {  // a handler must not throw; no memory is what is left
      return overloaded(503);
    }
  }

  void answer_and_close(ServerAnswer made) {
    keep_alive_ = false;
    answer(std::move(made));
  }

  void answer(ServerAnswer made) {
    keep_alive_ = keep_alive_ && !shared_.stopping;
    response_.emplace();
    response_->version(11);
    response_->result(static_cast<unsigned>(made.status));
    for (const auto& [name, value] : made.headers) {
      response_->insert(name, value);
    }
    response_->keep_alive(keep_alive_);
    response_->content_length(made.body.size());
    if (!is_head_) {
      response_->body() = std::move(made.body);
    }
    limit_time(shared_.options.body_timeout);
    http::async_write(socket_, *response_, then(&Connection::on_answered));
  }

  void on_answered(error_code error, std::size_t) {
    response_.reset();
    if (error) {
      return close();
    }
    if (keep_alive_) {
      return wait_for_request(shared_.options.idle_timeout);
    }
    // Closing with unread bytes would reset the connection, and the client might lose the answer.
    if (socket_.shutdown(tcp::socket::shutdown_send, error)) {
      return close();
    }
    limit_time(kLingerTime);
    drain_left_ = kMaxDrainBytes;
    linger();
  }

  void linger() {
    socket_.async_read_some(asio::buffer(scratch_),
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              self->drain_left_ -= std::min<std::uint64_t>(bytes, self->drain_left_);
                              if (error || self->drain_left_ == 0) {
                                self->close();
                              } else {
                                self->linger();
                              }
                            });
  }

  Shared& shared_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  flat_buffer buffer_{kMaxBufferBytes};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  std::array<char, 4096> scratch_;
  std::uint64_t drain_left_ = 0;
  std::uint64_t turn_ = 0;
  bool timed_out_ = false;
  bool idle_ = false;
  bool keep_alive_ = true;
  bool is_head_ = false;
};

class BeastServer final : public HttpServer {
 public:
  BeastServer(const ServerOptions& options, Handler handler, std::function<ServerAnswer()> too_large)
      : acceptor_(shared_.io), accept_timer_(shared_.io) {
    shared_.options = options;
    shared_.handler = std::move(handler);
    shared_.too_large = std::move(too_large);
  }

  ~BeastServer() override { stop(milliseconds{0}); }

  // Throws boost::system::system_error.
  void listen() {
    const tcp::endpoint endpoint(asio::ip::make_address(shared_.options.address), shared_.options.port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
    shared_.crew.start(shared_.options.crew);
    shared_.slow_crew.start(shared_.options.slow_crew);
    accept();
    io_thread_ = std::thread([this] { run_io(); });
  }

  std::uint16_t port() const override { return port_; }

  void stop(milliseconds grace) override {
    if (!io_thread_.joinable()) {
      return;
    }
    asio::post(shared_.io, [this] { stop_accepting(); });
    {
      std::unique_lock lock(shared_.mutex);
      shared_.all_closed.wait_for(lock, grace, [this] { return shared_.connections.empty(); });
    }
    shared_.crew.threads->join();
    shared_.slow_crew.threads->join();
    asio::post(shared_.io, [this] {
      for_each_connection(&Connection::close);
      work_.reset();
    });
    io_thread_.join();
  }

 private:
  void run_io() {
    while (true) {
      try {
        shared_.io.run();
        return;
      } catch (const std::exception&) {  // no memory for one step: its connection ends, the others go on
      }
    }
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) {
        return;
      }
      if (error) {  // out of descriptors, most of all: some will be free again
        accept_timer_.expires_after(kAcceptRetry);
        return accept_timer_.async_wait([this](error_code stopped) {
          if (!stopped) {
            accept();
          }
        });
      }
      accept();
      if (shared_.connections.size() < kMaxConnections) {
        std::make_shared<Connection>(shared_, std::move(socket))->start();
      }
    });
  }

  void stop_accepting() {
    shared_.stopping = true;
    error_code failed;
    disregard(acceptor_.close(failed));
    accept_timer_.cancel();
    for_each_connection(&Connection::close_if_idle);
  }

  void for_each_connection(void (Connection::*act)()) {
    std::set<Connection*> connections;
    {
      const std::scoped_lock lock(shared_.mutex);
      connections = shared_.connections;
    }
    for (Connection* connection : connections) {
      (connection->*act)();
    }
  }

  Shared shared_;
  tcp::acceptor acceptor_;
  asio::steady_timer accept_timer_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{shared_.io.get_executor()};
  std::uint16_t port_ = 0;
  std::thread io_thread_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> start_http_server(const ServerOptions& options,
                                                      HttpServer::Handler handler,
                                                      std::function<ServerAnswer()> too_large) {
  auto server = std::make_unique<BeastServer>(options, std::move(handler), std::move(too_large));
  try {
    server->listen();
  } catch (const boost::system::system_error& thrown) {
    return fail(
        ErrorKind::failed,
        fmt::format("cannot listen on {}:{}: {}", options.address, options.port, thrown.code().message()),
        "choose another address, or port 0 for any free one");
  }
  return server;
}

}  // namespace pawprint::net
