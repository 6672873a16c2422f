#include "net/web_socket_loop.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <condition_variable>
#include <functional>
#include <set>
#include <thread>
#include <utility>

#include "base/sabotage.h"
#include "net/text_as_bytes.h"
#include "net/volley.h"
#include "net/write_queue.h"

namespace pawprint::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kKeptReadBytes = 4U << 10;  // what an idle socket may hold of its last message
constexpr std::chrono::seconds kHandshakeTime{10};

// For what may fail without any consequence. Asio returns the error that it also stores.
void disregard(const error_code&) {}

// The stream under Beast's: what Beast writes (the handshake's answer, pongs, closing) joins the queue of
// frames that others send, so that two frames never mix. Beast has written it when nothing waits any more: it
// reads no other ping meanwhile, so a peer that does not read is not read from.
class QueuedStream {
 public:
  using next_layer_type = tcp::socket;
  using executor_type = tcp::socket::executor_type;

  explicit QueuedStream(tcp::socket socket)
      : socket_(std::move(socket)), queue_(socket_.native_handle(), [this] { wait_writable(); }) {}

  tcp::socket& next_layer() { return socket_; }
  const tcp::socket& next_layer() const { return socket_; }
  executor_type get_executor() { return socket_.get_executor(); }
  WriteQueue& queue() { return queue_; }
  const WriteQueue& queue() const { return queue_; }
  void on_writable(std::function<void()> call) { on_writable_ = std::move(call); }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto done, const Buffers& into) {
          socket_.async_read_some(
              into, [this, into, done = std::move(done)](error_code error, std::size_t bytes) mutable {
                pass_text_as_bytes(into, bytes);
                std::move(done)(error, bytes);
              });
        },
        handler, buffers);
  }

  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto done, const Buffers& given) {
          auto bytes = std::make_shared<std::string>(beast::buffers_to_string(given));
          const std::size_t size = bytes->size();
          unwritten_ = [this, done = std::move(done), size](error_code error) mutable {
            asio::post(socket_.get_executor(), beast::bind_front_handler(std::move(done), error, size));
          };
          if (queue_.send(std::move(bytes)) || sabotaged("pongs-unbounded")) written();
        },
        handler, buffers);
  }

  // When nothing waits any more, on the thread of the socket.
  void written() {
    if (unwritten_) {
      std::exchange(unwritten_, nullptr)(queue_.failed() ? asio::error::broken_pipe : error_code());
    }
  }

  void end() {
    queue_.stop();
    written();
    error_code failed;
    disregard(socket_.close(failed));
  }

 private:
  template <class Buffers>
  void pass_text_as_bytes(const Buffers& buffers, std::size_t bytes) {
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at) {
      const asio::mutable_buffer part = *at;
      const std::size_t here = std::min(part.size(), bytes);
      incoming_.pass({static_cast<unsigned char*>(part.data()), here});
      bytes -= here;
    }
  }

  void wait_writable() {  // on any thread; the socket itself is for its own
    asio::post(socket_.get_executor(), on_writable_);
  }

  tcp::socket socket_;
  WriteQueue queue_;
  TextAsBytes incoming_;
  std::function<void()> on_writable_;
  std::move_only_function<void(error_code)> unwritten_;  // what Beast writes, one at a time
};

template <class Handler>
void async_teardown(beast::role_type, QueuedStream& stream, Handler&& handler) {
  asio::post(stream.get_executor(), beast::bind_front_handler(std::forward<Handler>(handler), error_code()));
}

struct LoopState {
  std::mutex mutex;
  std::condition_variable changed;
  std::set<class ServerSocket*> sockets;  // with `mutex`
  asio::io_context io{1};
};

class ServerSocket final : public WebSocket, public std::enable_shared_from_this<ServerSocket> {
 public:
  ServerSocket(LoopState& loop, tcp::socket socket, std::shared_ptr<SocketEvents> events)
      : loop_(loop), stream_(std::move(socket)), timer_(loop.io), events_(std::move(events)) {
    const std::scoped_lock lock(loop_.mutex);
    loop_.sockets.insert(this);
  }

  ~ServerSocket() override {
    stream_.next_layer().queue().stop();
    const std::scoped_lock lock(loop_.mutex);
    loop_.sockets.erase(this);
    loop_.changed.notify_all();
  }

  void start(const ServerRequest& head, std::vector<Header> headers, std::size_t max_message_bytes) {
    stream_.next_layer().on_writable([self = weak_from_this()] {
      if (const auto alive = self.lock()) alive->wait_writable();
    });
    stream_.set_option(websocket::permessage_deflate{});
    stream_.read_message_max(max_message_bytes);
    stream_.secure_prng(false);  // only clients mask
    stream_.text(true);
    stream_.set_option(
        websocket::stream_base::decorator([headers = std::move(headers)](websocket::response_type& answer) {
          for (const Header& header : headers) answer.set(header.name, header.value);
        }));
    request_.version(11);
    request_.method_string(head.method);
    request_.target(head.target);
    for (const Header& header : head.headers) request_.insert(header.name, header.value);
    end_in(kHandshakeTime);
    stream_.async_accept(request_, [self = shared_from_this()](error_code error) { self->on_open(error); });
  }

  bool send(Frames frames) override { return stream_.next_layer().queue().send(std::move(frames)); }
  void send_with(Volley& volley, Frames frames, std::shared_ptr<SocketEvents> events) override {
    WriteQueue& queue = stream_.next_layer().queue();
    queue.put(std::move(frames));
    volley.add({shared_from_this(), &queue}, std::move(events));
  }
  bool has_sent_all() const override { return stream_.next_layer().queue().is_empty(); }
  std::uint64_t untaken_bytes() const override { return stream_.next_layer().queue().untaken_bytes(); }
  std::size_t abandon(const Frames& frames) override { return stream_.next_layer().queue().abandon(frames); }
  void read_more() override {
    asio::post(loop_.io, [self = shared_from_this()] { self->read(); });
  }

  void close(std::uint16_t code, std::string_view reason, int grace_ms) override {
    const std::string_view bounded = reason.substr(0, 123);  // a control frame has 125 bytes
    websocket::close_reason why(static_cast<websocket::close_code>(code), bounded);
    asio::post(loop_.io, [self = shared_from_this(), why, grace_ms] { self->say_close(why, grace_ms); });
  }

  void end() {
    timer_.cancel();
    stream_.next_layer().end();
    if (is_open_) {
      is_open_ = false;
      events_->closed();
    }
    events_.reset();
  }

 private:
  void on_open(error_code error) {
    if (error) return end();
    timer_.cancel();
    request_ = {};
    is_open_ = true;
    events_->opened(shared_from_this());
  }

  void read() {
    if (!is_open_ || is_reading_) return;
    is_reading_ = true;
    stream_.async_read(
        buffer_, [self = shared_from_this()](error_code failed, std::size_t) { self->on_read(failed); });
  }

  void on_read(error_code error) {
    is_reading_ = false;
    if (error) return is_closing_ && error != websocket::error::closed ? end() : finish();
    std::string text = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    if (buffer_.capacity() > kKeptReadBytes) buffer_ = beast::flat_buffer();
    if (is_closing_) return read();
    events_->received(std::move(text));
  }

  // The peer's closing was answered by Beast; the answer may still wait in the queue.
  void finish() {
    if (stream_.next_layer().queue().flush()) return end();
    end_in(kHandshakeTime);
  }

  void say_close(const websocket::close_reason& why, int grace_ms) {
    if (!is_open_ || is_closing_) return;
    is_closing_ = true;
    end_in(std::chrono::milliseconds(grace_ms));
    stream_.async_close(why, [self = shared_from_this()](error_code) { self->end(); });
  }

  void end_in(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this()](error_code cancelled) {
      if (!cancelled) self->end();
    });
  }

  void wait_writable() {
    tcp::socket& socket = stream_.next_layer().next_layer();
    if (!socket.is_open()) return;
    socket.async_wait(tcp::socket::wait_write, [self = shared_from_this()](error_code error) {
      if (error) return;
      if (!self->stream_.next_layer().queue().flush()) return;
      self->stream_.next_layer().written();
      if (self->is_open_) self->events_->sent();
    });
  }

  LoopState& loop_;
  websocket::stream<QueuedStream> stream_;
  asio::steady_timer timer_;
  std::shared_ptr<SocketEvents> events_;
  http::request<http::empty_body> request_;
  beast::flat_buffer buffer_;
  bool is_open_ = false;
  bool is_reading_ = false;
  bool is_closing_ = false;
};

class BeastLoop final : public WebSocketLoop {
 public:
  BeastLoop() : thread_([this] { run(); }) {}
  ~BeastLoop() override { stop(std::chrono::milliseconds{0}); }

  void accept(int descriptor, const ServerRequest& head, Admission admission,
              std::size_t max_message_bytes) override {
    asio::post(state_.io,
               [this, descriptor, head, admission = std::move(admission), max_message_bytes]() mutable {
                 tcp::socket socket(state_.io);
                 error_code failed;
                 if (socket.assign(tcp::v4(), descriptor, failed)) {
                   ::close(descriptor);
                   return;
                 }
                 disregard(socket.set_option(tcp::no_delay(true), failed));
                 std::make_shared<ServerSocket>(state_, std::move(socket), std::move(admission.upgrade))
                     ->start(head, std::move(admission.upgrade_headers), max_message_bytes);
               });
  }

  std::size_t open_sockets() override {
    const std::scoped_lock lock(state_.mutex);
    return state_.sockets.size();
  }

  void stop(std::chrono::milliseconds grace) override {
    if (!thread_.joinable()) return;
    {
      std::unique_lock lock(state_.mutex);
      state_.changed.wait_for(lock, grace, [this] { return state_.sockets.empty(); });
    }
    asio::post(state_.io, [this] {
      end_all();
      work_.reset();
    });
    thread_.join();
  }

 private:
  void run() {
    while (true) {
      try {
        state_.io.run();
        return;
      } catch (const std::exception&) {  // no memory for one step: its socket ends, the others go on
      }
    }
  }

  void end_all() {
    std::set<ServerSocket*> sockets;
    {
      const std::scoped_lock lock(state_.mutex);
      sockets = state_.sockets;
    }
    for (ServerSocket* socket : sockets) {
      if (const auto alive = socket->weak_from_this().lock()) alive->end();
    }
  }

  LoopState state_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{state_.io.get_executor()};
  std::thread thread_;
};

}  // namespace

std::unique_ptr<WebSocketLoop> make_web_socket_loop() {
  return std::make_unique<BeastLoop>();
}

}  // namespace pawprint::net
