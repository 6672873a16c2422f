#include "net/http_connection.h"

#include <unistd.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <optional>
#include <type_traits>

#include "base/address_account.h"
#include "base/sabotage.h"
#include "net/growing_body.h"
#include "net/request_head.h"
#include "net/server_state.h"
#include "net/turned_away.h"

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
constexpr std::uint64_t kMaxDrainBytes = 16U << 20;    // of a body that nobody wants, to keep its connection
constexpr std::size_t kShortAnswerBytes = 256U << 10;  // up to here nobody counts who waits to be read
constexpr milliseconds kLingerTime{2'000};

// For what may fail without any consequence. Asio returns the error that it also stores.
void disregard(const error_code&) {}

using ParsedHead = http::request_header<>;

// All that Beast looks at when it answers an upgrade, so that no answer of its own is needed.
bool asks_for_web_socket(const ParsedHead& parsed) {
  constexpr std::size_t kKeyCharacters = 24;  // 16 bytes in base64
  return boost::beast::websocket::is_upgrade(parsed) && parsed.count(http::field::host) > 0 &&
         parsed[http::field::sec_websocket_key].size() == kKeyCharacters &&
         parsed[http::field::sec_websocket_version] == "13";
}

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
    const std::scoped_lock lock(shared_.mutex);
    shared_.connections.erase(this);
    if (shared_.connections.empty()) shared_.all_closed.notify_all();
  }

  bool start() {  // false: it is one too many of its address
    if (!has_place()) return false;
    error_code failed;  // then answers only take longer
    disregard(socket_.set_option(tcp::no_delay(true), failed));
    wait_for_request(shared_.options.header_timeout);
    return true;
  }

  void close() override {
    error_code failed;
    disregard(socket_.close(failed));
    timer_.cancel();
  }

  void close_if_idle() override {
    if (idle_) close();
  }

 private:
  bool has_place() {
    const auto& is_proxy = shared_.options.is_proxy;
    if (is_proxy && is_proxy(remote_address_)) return true;
    return place_.take(account_of_address(remote_address_), 1) == Room::there;
  }

  using Step = void (HttpConnection::*)(error_code, std::size_t);
  // None: for want of memory, or of room for it.
  struct Served {
    Room room = Room::there;
    std::optional<ServerAnswer> answer = {};
  };

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
    if (shared_.stopping) return close();
    account_.clear();
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(boost::none);  // on_header looks at the length itself
    begun_ = Clock::now();
    if (buffer_.size() > 0) return read_header();  // the next request came with the last one
    idle_ = true;
    buffer_ = flat_buffer(kMaxBufferBytes);
    limit_time(limit);
    socket_.async_read_some(buffer_.prepare(kFirstReadBytes), then(&HttpConnection::on_first_bytes));
  }

  void on_first_bytes(error_code error, std::size_t bytes) {
    idle_ = false;
    begun_ = Clock::now();
    if (error) return close();
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
    if (error) return on_broken_request(error);
    const auto& message = parser_->get();
    expects_ = message.count(http::field::expect) > 0;
    if (expects_ && !boost::beast::iequals(message[http::field::expect], "100-continue")) {
      return answer_and_close(unserved({417, "this expectation is not supported"}));
    }
    const ServerRequest sent = as_sent(message, remote_address_);
    if (const auto fault = fault_of(sent, message.version() < 11)) {
      return answer_and_close(unserved({fault->status, fault->why}));
    }
    ask_handler();
  }

  ServerRequest head_of_request() const {
    ServerRequest head = as_sent(parser_->get(), remote_address_);
    // What came before the client had its answer is no WebSocket's.
    const bool nothing_follows = parser_->is_done() && buffer_.size() == 0;
    head.asks_for_web_socket = nothing_follows && asks_for_web_socket(parser_->get());
    to_origin_form(head);
    return head;
  }

  void ask_handler() {
    if (welcome_ == Welcome::turned_away) {
      keep_alive_ = false;
      return answer_unread(unserved({503, "too many connections are open already"}));
    }
    ServerRequest head = head_of_request();
    slow_ = shared_.options.is_slow && shared_.options.is_slow(head);
    auto judge = [this, head = std::move(head)]() mutable { return shared_.handler(std::move(head)); };
    run_on(shared_.heads, {}, std::move(judge), &HttpConnection::on_admitted);
  }

  bool only_reads() const {
    const auto method = parser_->get().method();
    return method == http::verb::get || method == http::verb::head;
  }

  // The answer to a request that no handler answers.
  ServerAnswer unserved(const TurnedAway& told) const {
    const ServerRequest head = head_of_request();
    const auto since_begun = std::chrono::duration_cast<milliseconds>(Clock::now() - begun_);
    const Unserved request{told.status, told.why, head, since_begun};
    return shared_.options.unserved ? shared_.options.unserved(request) : plain_answer(request);
  }

  // `work` makes something on a thread of the crew, which `next` is called with on the I/O thread, where the
  // last owner of a connection must end. Nothing is made: there was no memory for it.
  template <class Work, class Made = std::invoke_result_t<Work>>
  void run_on(Crew& crew, const std::string& account, Work work, void (HttpConnection::*next)(Made)) {
    const auto made = std::make_shared<Made>();
    crew.post(
        account,
        [work = std::move(work), made]() mutable { *made = without_throwing<Made>(std::move(work)); },
        [self = shared_from_this(), next, made] { (self.get()->*next)(std::move(*made)); });
  }

  template <class Made, class Work>
  static Made without_throwing(Work work) {
    try {
      return work();
    } catch (const std::exception&) {  // a handler must not throw; no memory is what is left
      return {};
    }
  }

  void on_admitted(Admission admission) {
    if (admission.is_known) place_.give_back();
    if (admission.answer) return answer_unread(std::move(*admission.answer));
    if (admission.upgrade) return upgrade(std::move(admission));
    if (!admission.with_body) return answer_unread(unserved(kNoMemory));
    with_body_ = std::move(admission.with_body);
    account_ = std::move(admission.account);
    const auto length = parser_->content_length();
    if (admission.max_body_bytes == 0 || parser_->is_done() || length == std::uint64_t{0}) return serve({});
    max_body_bytes_ = std::min(admission.max_body_bytes, shared_.options.max_body_bytes);
    if (length && *length > max_body_bytes_) return answer_unread(unserved(kTooLarge));
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
      ServerAnswer refused = unserved({426, "this path speaks WebSocket"});
      refused.headers.push_back({"Connection", "Upgrade"});
      refused.headers.push_back({"Upgrade", "websocket"});
      return answer_unread(std::move(refused));
    }
    error_code failed;
    const int descriptor = socket_.release(failed);
    if (failed) return close();
    shared_.web_sockets->accept(descriptor, head, std::move(admission), shared_.options.max_message_bytes);
  }

  void on_continue_sent(error_code error, std::size_t) {
    expects_ = false;  // the body comes
    error ? close() : read_body();
  }

  void read_body() {
    limit_time(shared_.options.body_timeout);
    parser_->eager(true);
    read_some_of_body();
  }

  void read_some_of_body() {
    http::async_read_some(
        socket_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, std::size_t) { self->on_some_of_body(error); });
  }

  void on_some_of_body(error_code error) {
    if (error || timed_out_) return on_broken_request(error);
    const std::uint64_t come = parser_->get().body().text.size();
    const Room room = body_bytes_.take(account_, come - body_bytes_.amount());
    if (room != Room::there) return answer_unread(unserved(no_room_for_body(room)));
    if (come > max_body_bytes_) return answer_unread(unserved(kTooLarge));
    if (!parser_->is_done()) return read_some_of_body();
    timer_.cancel();
    serve(std::move(parser_->get().body().text));
  }

  void serve(std::string body) {
    Crew& crew = slow_ ? shared_.slow_crew : shared_.crew;
    const Room room = crew.room_for(account_);
    if (room != Room::there) return answer_unread(unserved(no_place(room, slow_)));
    // Whoever waits for a turn may have been answered much by then that is not read.
    auto handle = [this, reads = only_reads(), with_body = std::move(with_body_),
                   body = std::move(body)]() mutable -> Served {
      const Room left = reads ? Room::there : shared_.answer_room.room_for(account_);
      if (left != Room::there) return {.room = left};
      return {.answer = with_body(std::move(body))};
    };
    run_on(crew, account_, std::move(handle), &HttpConnection::on_served);
  }

  void on_served(Served served) {
    if (served.answer) return answer_unread(std::move(*served.answer));
    answer_unread(unserved(served.room == Room::there ? kNoMemory : no_room_for_answer(served.room)));
  }

  void on_broken_request(error_code error) {
    if (timed_out_) {
      return answer_and_close(unserved({408, "the request did not arrive in time"}));
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return answer_and_close(unserved({431, "the header is too large"}));
    }
    if (error.category() == make_error_code(http::error::end_of_stream).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message) {
      return answer_and_close(unserved({400, "this is not an HTTP request"}));
    }
    close();
  }

  // The body, if one is still to come and it is not too long, is read and thrown away, so that the connection
  // stays usable. One that waits for `100 Continue` may be sent or not: what comes next could be either.
  void answer_unread(ServerAnswer made) {
    made = counted(std::move(made));
    parser_->get().body() = {.text = {}, .is_kept = false};
    if (parser_->is_done()) return answer(std::move(made));
    body_bytes_.give_back();
    const auto begun = parser_->content_length_remaining();
    const auto left = begun ? begun : parser_->content_length();
    if (expects_ || left.value_or(0) > kMaxDrainBytes) return answer_and_close(std::move(made));
    drain_left_ = kMaxDrainBytes;
    unread_answer_ = std::move(made);
    limit_time(shared_.options.body_timeout);
    parser_->eager(true);
    drain();
  }

  void drain() {
    http::async_read_some(
        socket_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, std::size_t bytes) { self->on_drained(error, bytes); });
  }

  // What was decided does not depend on the rest of a body that does not come.
  void on_drained(error_code error, std::size_t bytes) {
    drain_left_ -= std::min<std::uint64_t>(bytes, drain_left_);
    if (!error && parser_->is_done()) {
      timer_.cancel();
      return answer(std::move(unread_answer_));
    }
    error || timed_out_ || drain_left_ == 0 ? answer_and_close(std::move(unread_answer_)) : drain();
  }

  void answer_and_close(ServerAnswer made) {
    keep_alive_ = false;
    answer(std::move(made));
  }

  // What was done is answered, however much there is to say of it.
  ServerAnswer counted(ServerAnswer made) {
    const std::size_t bytes = made.body.size();
    if (bytes <= kShortAnswerBytes || sabotaged("answers-uncounted")) return made;
    if (only_reads()) {
      const Room room = answer_bytes_.take(account_, bytes);
      return room == Room::there ? std::move(made) : unserved(no_room_for_answer(room));
    }
    answer_bytes_.take_above(account_, bytes);
    return made;
  }

  void answer(ServerAnswer made) {
    body_bytes_.give_back();
    keep_alive_ = keep_alive_ && !shared_.stopping;
    response_.emplace();
    response_->version(11);
    response_->result(static_cast<unsigned>(made.status));
    for (const auto& [name, value] : made.headers) response_->insert(name, value);
    response_->keep_alive(keep_alive_);
    response_->content_length(made.body.size());
    if (!is_head_) response_->body() = std::move(made.body);
    limit_time(shared_.options.body_timeout);
    http::async_write(socket_, *response_, then(&HttpConnection::on_answered));
  }

  void on_answered(error_code error, std::size_t) {
    response_.reset();
    answer_bytes_.give_back();
    if (error) return close();
    if (keep_alive_) return wait_for_request(shared_.options.idle_timeout);
    // Closing with unread bytes would reset the connection, and the client might lose the answer.
    if (socket_.shutdown(tcp::socket::shutdown_send, error)) return close();
    limit_time(kLingerTime);
    drain_left_ = kMaxDrainBytes;
    linger();
  }

  void linger() {
    socket_.async_read_some(asio::buffer(scratch_),
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              self->drain_left_ -= std::min<std::uint64_t>(bytes, self->drain_left_);
                              const bool ended = error || self->timed_out_ || self->drain_left_ == 0;
                              ended ? self->close() : self->linger();
                            });
  }

  ServerState& shared_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  const std::string remote_address_;
  const Welcome welcome_;
  flat_buffer buffer_{kMaxBufferBytes};
  std::optional<http::request_parser<GrowingBody>> parser_;
  std::optional<http::response<http::string_body>> response_;
  std::array<char, 4096> scratch_;
  std::function<ServerAnswer(std::string)> with_body_;
  ServerAnswer unread_answer_;
  std::string account_;  // of the request; bytes are on it, the place is on that of the address
  Share body_bytes_{shared_.body_room}, answer_bytes_{shared_.answer_room}, place_{shared_.strangers};
  std::uint64_t max_body_bytes_ = 0;
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

bool serve_connection(ServerState& state, int descriptor, std::string remote_address, Welcome welcome) {
  error_code failed;
  tcp::socket socket(*state.io);
  if (socket.assign(tcp::v4(), descriptor, failed)) {
    ::close(descriptor);
    return true;
  }
  return std::make_shared<HttpConnection>(state, std::move(socket), std::move(remote_address), welcome)
      ->start();
}

}  // namespace pawprint::net
