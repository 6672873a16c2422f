#include "net/http_server.h"

#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <thread>

#include "base/address_account.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "net/http_connection.h"
#include "net/server_state.h"

namespace pawprint::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds kAcceptRetry{100};
constexpr std::size_t kToldThatItIsFull = 64;  // connections above the limit that get an answer
constexpr milliseconds kTlsFarewell{3'000};    // for what is still to be encrypted and sent

// For what may fail without any consequence. Asio returns the error that it also stores.
void disregard(const error_code&) {}

// Of who comes by IPv4 to a server that listens for IPv6 as well, the IPv4 one.
std::string text_of(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address.to_string();
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
}

class BeastServer final : public HttpServer {
 public:
  BeastServer(const ServerOptions& options, Handler handler)
      : acceptor_(*shared_.io), accept_timer_(*shared_.io) {
    shared_.options = options;
    shared_.handler = std::move(handler);
  }

  ~BeastServer() override { stop(milliseconds{0}); }

  Result<void> prepare_tls() {
    if (!shared_.options.tls) return {};
    PAW_TRY(context, server_tls(*shared_.options.tls));
    front_ =
        make_tls_front(std::move(context), shared_.options.header_timeout, shared_.options.max_handshakes);
    return {};
  }

  // Throws boost::system::system_error.
  void listen() {
    const tcp::endpoint endpoint(asio::ip::make_address(shared_.options.address), shared_.options.port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
    shared_.body_room.limit(shared_.options.max_body_bytes_in_flight,
                            shared_.options.max_body_bytes_of_account);
    shared_.answer_room.limit(shared_.options.max_answer_bytes_in_flight,
                              shared_.options.max_answer_bytes_of_account);
    constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
    const bool unbounded = sabotaged("strangers-unbounded");
    shared_.strangers.limit(kAny, unbounded ? kAny : shared_.options.max_strangers_of_address);
    shared_.heads.start({.workers = shared_.options.head_workers});
    shared_.crew.start(shared_.options.crew);
    shared_.slow_crew.start(shared_.options.slow_crew);
    accept();
    io_thread_ = std::thread([this] { run_io(); });
  }

  std::uint16_t port() const override { return port_; }

  Result<void> reload_tls() override {
    if (front_ == nullptr) return fail(ErrorKind::failed, "this server has no certificate");
    PAW_TRY(context, server_tls(*shared_.options.tls));
    front_->use(std::move(context));
    return {};
  }

  std::size_t connections() const override {
    const std::scoped_lock lock(shared_.mutex);
    return shared_.connections.size();
  }

  std::size_t web_sockets() const override { return shared_.web_sockets->open_sockets(); }

  std::uint64_t turned_away() const override { return turned_away_; }

  TlsFailures tls_failures() const override { return front_ == nullptr ? TlsFailures() : front_->failures(); }

  void stop(milliseconds grace) override {
    if (!io_thread_.joinable()) {
      return;
    }
    asio::post(*shared_.io, [this] { stop_accepting(); });
    {
      std::unique_lock lock(shared_.mutex);
      shared_.all_closed.wait_for(lock, grace, [this] { return shared_.connections.empty(); });
    }
    shared_.heads.join();
    shared_.crew.join();
    shared_.slow_crew.join();
    shared_.web_sockets->stop(grace);
    asio::post(*shared_.io, [this] {
      for_each_connection(&Connection::close);
      work_.reset();
    });
    if (front_ != nullptr) front_->stop(std::min(grace, kTlsFarewell));
    io_thread_.join();
  }

 private:
  void run_io() {
    while (true) {
      try {
        shared_.io->run();
        return;
      } catch (const std::exception&) {  // no memory for one step: its connection ends, the others go on
      }
    }
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      // A connection may have come when the end was on its way already: nobody else is waited for then.
      if (error == asio::error::operation_aborted || shared_.stopping) {
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
      if (open_now() < shared_.options.max_open + kToldThatItIsFull) {
        serve(std::move(socket));
      } else {
        ++turned_away_;
      }
    });
  }

  void serve(tcp::socket socket) {
    error_code failed;
    const std::string address = text_of(socket.remote_endpoint(failed).address());
    const int descriptor = socket.release(failed);
    if (failed) return;
    if (front_ == nullptr) return serve_here(descriptor, address);
    const auto& is_proxy = shared_.options.is_proxy;
    const bool proxied = is_proxy && is_proxy(address);  // each for somebody else
    std::string account = proxied ? fmt::format("proxy {}", ++proxied_) : account_of_address(address);
    front_->take(descriptor, std::move(account), [this, address](int plain_end) {
      asio::post(*shared_.io, [this, address, plain_end] { serve_plain_end(plain_end, address); });
    });
  }

  void serve_plain_end(int descriptor, const std::string& address) {
    if (shared_.stopping || open_now() >= shared_.options.max_open + kToldThatItIsFull) {
      if (!shared_.stopping) ++turned_away_;
      ::close(descriptor);
    } else {
      serve_here(descriptor, address);
    }
  }

  void serve_here(int descriptor, const std::string& address) {
    const Welcome welcome = welcome_now();
    const bool served = serve_connection(shared_, descriptor, address, welcome);
    if (!served || welcome == Welcome::turned_away) ++turned_away_;
  }

  std::size_t open_now() const { return connections() + web_sockets(); }

  Welcome welcome_now() const {
    return open_now() < shared_.options.max_open ? Welcome::served : Welcome::turned_away;
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

  ServerState shared_;
  tcp::acceptor acceptor_;
  asio::steady_timer accept_timer_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{shared_.io->get_executor()};
  std::uint16_t port_ = 0;
  std::atomic<std::uint64_t> turned_away_ = 0;
  std::uint64_t proxied_ = 0;        // connections of trusted proxies
  std::unique_ptr<TlsFront> front_;  // none: plain http
  std::thread io_thread_;
};

}  // namespace

ServerAnswer plain_answer(const Unserved& request) {
  ServerAnswer answer{request.status,
                      {{"Content-Type", "application/json"}},
                      fmt::format("{{\"error\":\"{}\"}}", request.why)};
  if (request.status == 429 || request.status == 503) answer.headers.push_back({"Retry-After", "1"});
  return answer;
}

Result<std::unique_ptr<HttpServer>> start_http_server(const ServerOptions& options,
                                                      HttpServer::Handler handler) {
  auto server = std::make_unique<BeastServer>(options, std::move(handler));
  PAW_TRY(prepared, server->prepare_tls());
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
