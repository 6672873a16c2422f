#include "net/http_connection.h"

#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <optional>

#include "base/sabotage.h"
#include "net/request_head.h"

namespace pawprint::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::beast::flat_buffer;
using boost::system::error_code;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadAheadBytes = 128U << 10;  // one read takes a whole batch; 512 B by default
constexpr std::size_t kFirstReadBytes = 1U << 10;    // what an idle connection holds
constexpr std::uint32_t kMaxHeaderBytes = 32U << 10;
constexpr std::size_t kMaxBufferBytes = kReadAheadBytes + kMaxHeaderBytes;  // chunk extensions, trailers
constexpr std::uint64_t kMaxDrainBytes = 16U << 20;  // of a body that nobody wants, to keep its connection
constexpr milliseconds kLingerTime{2'000};

// For what may fail without any consequence. Asio returns the error that it also stores.
void disregard(const error_code&) {}

// Wait, read a head, ask the handler, read the body if it is wanted, answer, again.
class HttpConnection final : public Connection, public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(ServerState& shared, tcp::socket socket, std::string remote_address, Welcome welcome)
      : shared_(shared),
        socket_(std::move(socket)),
        timer_(*shared.io),
        remote_address_(std::move(remote_address)),
        welcome_(welcome) {
    const std::scoped_lock lock(shared_.mutex);
    shared_.connections.insert(this);
  }

  ~HttpConnection() override {
    give_back_body_bytes();
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

  void close() override {
    error_code failed;
    disregard(socket_.close(failed));
    timer_.cancel();
  }

  void close_if_idle() override {
    if (idle_) {
      close();
    }
  }

 private:
  using Step = void (HttpConnection::*)(error_code, std::size_t);

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
    begun_ = Clock::now();
    if (buffer_.size() > 0) {  // the next request came with the last one
      return read_header();
    }
    idle_ = true;
    buffer_ = flat_buffer(kMaxBufferBytes);
    limit_time(limit);
    socket_.async_read_some(buffer_.prepare(kFirstReadBytes), then(&HttpConnection::on_first_bytes));
  }

  void on_first_bytes(error_code error, std::size_t bytes) {
    idle_ = false;
    begun_ = Clock::now();
    if (error) {
      return close();
    }
    buffer_.commit(bytes);
    read_header();
  }

  void read_header() {
    buffer_.reserve(kReadAheadBytes);
    limit_time(shared_.options.header_timeout);
    http::async_read_header(socket_, buffer_, *parser_, then(&HttpConnection::on_header));
  }

  void on_header(error_code error, std::size_t) {
    is_head_ = !error && parser_->get().method() == http::verb::head;
    keep_alive_ = !error && parser_->keep_alive();
    if (error) {
      return on_broken_request(error);
    }
    const auto& message = parser_->get();
    expects_ = message.count(http::field::expect) > 0;
    if (expects_ && !boost::beast::iequals(message[http::field::expect], "100-continue")) {
      return answer_and_close(unserved(417, "this expectation is not supported"));
    }
    const ServerRequest sent = head_as_sent();
    if (const auto fault = fault_of(sent, message.version() < 11)) {
      return answer_and_close(unserved(fault->status, fault->why));
    }
    ask_handler();
  }

  ServerRequest head_as_sent() const {
    const auto& message = parser_->get();
    ServerRequest head;
    head.method = message.method_string();
    head.target = message.target();
    for (const auto& field : message) {
      head.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    head.remote_address = remote_address_;
    head.asks_for_web_socket = asks_for_web_socket();
    return head;
  }

  ServerRequest head_of_request() const {
    ServerRequest head = head_as_sent();
    to_origin_form(head);
    return head;
  }

  // All that Beast looks at when it answers an upgrade, so that no answer of its own is needed. What came
  // before the client had its answer is no WebSocket's.
  bool asks_for_web_socket() const {
    constexpr std::size_t kKeyCharacters = 24;  // 16 bytes in base64
    const auto& message = parser_->get();
    return boost::beast::websocket::is_upgrade(message) && message.count(http::field::host) > 0 &&
           message[http::field::sec_websocket_key].size() == kKeyCharacters &&
           message[http::field::sec_websocket_version] == "13" && parser_->is_done() && buffer_.size() == 0;
  }

  // Without a body there is nothing to wait for: the whole request is one job. A body is for the crew that
  // its request needs; what is decided on the head is never slow.
  void ask_handler() {
    if (welcome_ == Welcome::turned_away) {
      keep_alive_ = false;
      return answer_unread(unserved(503, "too many connections are open already"));
    }
    ServerRequest head = head_of_request();
    slow_ = shared_.options.is_slow && shared_.options.is_slow(head);
    const bool whole = parser_->is_done() || parser_->content_length() == std::uint64_t{0};
    Crew& crew = whole ? crew_for_body() : shared_.crew;
    if (crew.is_full()) {
      return answer_unread(crew_is_full(crew));
    }
    run_on(crew, [self = shared_from_this(), whole, head = std::move(head)]() mutable {
      Admission admission = self->shared_.handler(std::move(head));
      if (whole && admission.with_body) admission.answer = admission.with_body({});
      return admission;
    });
  }

  // The answer to a request that no handler answers.
  ServerAnswer unserved(int status, std::string_view why) const {
    const ServerRequest head = head_of_request();
    const auto since_begun = std::chrono::duration_cast<milliseconds>(Clock::now() - begun_);
    const Unserved request{status, why, head, since_begun};
    return shared_.options.unserved ? shared_.options.unserved(request) : answer_to(request);
  }

  ServerAnswer crew_is_full(const Crew& crew) const {
    return unserved(&crew == &shared_.slow_crew ? 429 : 503, "too many requests wait already");
  }

  ServerAnswer too_large() const { return unserved(413, "the body has more bytes than this path takes"); }

  Crew& crew_for_body() { return slow_ ? shared_.slow_crew : shared_.crew; }

  // `work` makes an Admission on a thread of the crew; it is acted upon on the I/O thread.
  template <class Work>
  void run_on(Crew& crew, Work work) {
    ++crew.inside;
    asio::post(*crew.threads, [self = shared_from_this(), &crew, work = std::move(work)]() mutable {
      Admission made = without_throwing(std::move(work));
      asio::io_context& io = *self->shared_.io;  // the last owner must end on the I/O thread
      asio::post(io, [self = std::move(self), &crew, made = std::move(made)]() mutable {
        --crew.inside;
        self->on_admitted(std::move(made));
      });
    });
  }

  template <class Work>
  static Admission without_throwing(Work work) {
    try {
      return work();
    } catch (const std::exception&) {  // a handler must not throw; no memory is what is left
      return {};
    }
  }

  void on_admitted(Admission admission) {
    if (admission.answer) return answer_unread(std::move(*admission.answer));
    if (admission.upgrade) return upgrade(std::move(admission));
    if (!admission.with_body) return answer_unread(unserved(503, "there is no memory left for this request"));
    const std::uint64_t limit = std::min(admission.max_body_bytes, shared_.options.max_body_bytes);
    const auto length = parser_->content_length();
    if (length && *length > limit) return answer_unread(too_large());
    if (!take_body_bytes(length ? *length : limit)) {
      return answer_unread(unserved(503, "too many bodies are being read already"));
    }
    with_body_ = std::move(admission.with_body);
    parser_->body_limit(limit);  // for what comes in chunks
    if (expects_ && buffer_.size() == 0) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      limit_time(shared_.options.body_timeout);
      return asio::async_write(socket_, asio::buffer(kContinue), then(&HttpConnection::on_continue_sent));
    }
    read_body();
  }

  // Everything of this connection but its socket is given back.
  void upgrade(Admission admission) {
    const ServerRequest head = head_of_request();
    if (!head.asks_for_web_socket) {
      ServerAnswer refused = unserved(426, "this path speaks WebSocket");
      refused.headers.push_back({"Connection", "Upgrade"});
      refused.headers.push_back({"Upgrade", "websocket"});
      return answer_unread(std::move(refused));
    }
    error_code failed;
    const int descriptor = socket_.release(failed);
    if (failed) return close();
    shared_.web_sockets->accept(descriptor, head, std::move(admission), shared_.options.max_message_bytes);
  }

  bool take_body_bytes(std::uint64_t bytes) {
    const bool fits = bytes <= shared_.options.max_body_bytes_in_flight - shared_.body_bytes;
    if (!fits && !sabotaged("no-memory-mark")) return false;
    body_bytes_ = bytes;
    shared_.body_bytes += bytes;
    return true;
  }

  void give_back_body_bytes() {
    shared_.body_bytes -= body_bytes_;
    body_bytes_ = 0;
  }

  void on_continue_sent(error_code error, std::size_t) { error ? close() : read_body(); }

  void read_body() {
    limit_time(shared_.options.body_timeout);
    http::async_read(socket_, buffer_, *parser_, then(&HttpConnection::on_body));
  }

  void on_body(error_code error, std::size_t) {
    if (error == http::error::body_limit) {  // chunked: where it ends is not known
      return answer_and_close(too_large());
    }
    if (error) {
      return on_broken_request(error);
    }
    Crew& crew = crew_for_body();
    if (crew.is_full()) return answer(crew_is_full(crew));
    run_on(crew, [with_body = std::move(with_body_), body = std::move(parser_->get().body())]() mutable {
      return Admission{.answer = with_body(std::move(body))};
    });
  }

  void on_broken_request(error_code error) {
    if (timed_out_) {
      return answer_and_close(unserved(408, "the request did not arrive in time"));
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return answer_and_close(unserved(431, "the header is too large"));
    }
    if (error.category() == make_error_code(http::error::end_of_stream).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message) {
      return answer_and_close(unserved(400, "this is not an HTTP request"));
    }
    close();
  }

  // The body, if one is still to come and it is not too long, is read and thrown away, so that the connection
  // stays usable. A client that waits for `100 Continue` may never send it.
  void answer_unread(ServerAnswer made) {
    if (parser_->is_done()) return answer(std::move(made));
    const auto length = parser_->content_length();
    if (expects_ || !length || *length > kMaxDrainBytes) return answer_and_close(std::move(made));
    const std::size_t here = std::min<std::size_t>(*length, buffer_.size());
    buffer_.consume(here);
    drain_left_ = *length - here;
    unread_answer_ = std::move(made);
    limit_time(shared_.options.body_timeout);
    drain();
  }

  void drain() {
    if (drain_left_ == 0) {
      timer_.cancel();
      return answer(std::move(unread_answer_));
    }
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(scratch_.size(), drain_left_));
    socket_.async_read_some(asio::buffer(scratch_.data(), want),
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              self->drain_left_ -= bytes;
                              error ? self->on_end_of_drain() : self->drain();
                            });
  }

  // What was decided does not depend on the rest of a body that does not come.
  void on_end_of_drain() { timed_out_ ? answer_and_close(std::move(unread_answer_)) : close(); }

  void answer_and_close(ServerAnswer made) {
    keep_alive_ = false;
    answer(std::move(made));
  }

  void answer(ServerAnswer made) {
    give_back_body_bytes();
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
    http::async_write(socket_, *response_, then(&HttpConnection::on_answered));
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

  ServerState& shared_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  const std::string remote_address_;
  const Welcome welcome_;
  flat_buffer buffer_{kMaxBufferBytes};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  std::array<char, 4096> scratch_;
  std::function<ServerAnswer(std::string)> with_body_;
  ServerAnswer unread_answer_;
  std::uint64_t body_bytes_ = 0;  // of those in `shared_`
  std::uint64_t drain_left_ = 0;
  std::uint64_t turn_ = 0;
  Clock::time_point begun_;  // the request, with its first byte
  bool timed_out_ = false;
  bool idle_ = false;
  bool keep_alive_ = true;
  bool is_head_ = false;
  bool expects_ = false;
  bool slow_ = false;
};

}  // namespace

ServerState::ServerState() : io(std::make_unique<asio::io_context>()), web_sockets(make_web_socket_loop()) {}
ServerState::~ServerState() = default;

void serve_connection(ServerState& state, int descriptor, std::string remote_address, Welcome welcome) {
  error_code failed;
  tcp::socket socket(*state.io);
  if (socket.assign(tcp::v4(), descriptor, failed)) {
    ::close(descriptor);
    return;
  }
  std::make_shared<HttpConnection>(state, std::move(socket), std::move(remote_address), welcome)->start();
}

}  // namespace pawprint::net
