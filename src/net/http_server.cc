#include "net/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <thread>

#include "base/format.h"
#include "net/http_connection.h"

namespace pawprint::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds kAcceptRetry{100};
constexpr std::size_t kMaxConnections = 4096;

// For what may fail without any consequence. Asio returns the error that it also stores.
void disregard(const error_code&) {}

class BeastServer final : public HttpServer {
 public:
  BeastServer(const ServerOptions& options, Handler handler, std::function<ServerAnswer()> too_large)
      : acceptor_(*shared_.io), accept_timer_(*shared_.io) {
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
    asio::post(*shared_.io, [this] { stop_accepting(); });
    {
      std::unique_lock lock(shared_.mutex);
      shared_.all_closed.wait_for(lock, grace, [this] { return shared_.connections.empty(); });
    }
    shared_.crew.threads->join();
    shared_.slow_crew.threads->join();
    shared_.web_sockets->stop(grace);
    asio::post(*shared_.io, [this] {
      for_each_connection(&Connection::close);
      work_.reset();
    });
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
        serve(std::move(socket));
      }
    });
  }

  void serve(tcp::socket socket) {
    error_code failed;
    const int descriptor = socket.release(failed);
    if (!failed) serve_connection(shared_, descriptor);
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
