#include "net/tls_front.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/sabotage.h"
#include "net/shared_room.h"
#include "net/tls_relay.h"

namespace pawprint::net {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

// Lets another thread wait until every connection has ended; outlives all of them.
struct Count {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::uint64_t, std::weak_ptr<TlsRelay>> relays;  // with `mutex`

  void remove(std::uint64_t number) {
    const std::scoped_lock lock(mutex);
    relays.erase(number);
    changed.notify_all();
  }
};

class Front final : public TlsFront {
 public:
  Front(TlsContext context, milliseconds handshake_timeout, std::size_t max_handshakes)
      : context_(std::move(context)), handshake_timeout_(handshake_timeout) {
    handshakes_.limit(max_handshakes,
                      sabotaged("strangers-unbounded") ? max_handshakes : (max_handshakes + 1) / 2);
    thread_ = std::thread([this] { run(); });
  }
  ~Front() override { stop(milliseconds{0}); }

  void take(int descriptor, std::string account, std::function<void(int)> opened) override {
    asio::post(io_, [this, descriptor, account = std::move(account), opened = std::move(opened)]() mutable {
      if (handshakes_.take(account, 1) == Room::there) {
        begin(descriptor, std::move(account), std::move(opened));
      } else {
        ++too_many_;
        ::close(descriptor);
      }
    });
  }

  TlsFailures failures() const override { return {too_many_, failed_}; }

  void use(TlsContext context) override {
    asio::post(io_, [this, context = std::move(context)]() mutable { context_ = std::move(context); });
  }

  void stop(milliseconds grace) override {
    if (!thread_.joinable()) return;
    {
      std::unique_lock lock(count_.mutex);
      count_.changed.wait_for(lock, grace, [this] { return count_.relays.empty(); });
    }
    asio::post(io_, [this] {
      cut_all();
      work_.reset();
    });
    thread_.join();
  }

 private:
  void begin(int descriptor, std::string account, std::function<void(int)> opened) {
    // The plain end is no TCP socket: who speaks to it can ask it for nothing of the kind.
    const int no_delay = 1;
    if (::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay) != 0) {
      handshakes_.give_back(account, 1);
      ++failed_;
      ::close(descriptor);  // it is gone already
      return;
    }
    const std::uint64_t number = ++made_;
    TlsRelayOptions options;
    options.context = context_;
    options.handshake_timeout = handshake_timeout_;
    options.opened = [this, account = std::move(account),
                      opened = std::move(opened)](const Result<int>& plain_end) {
      handshakes_.give_back(account, 1);
      if (!plain_end) return void(++failed_);
      opened(*plain_end);
    };
    options.ended = [this, number] { count_.remove(number); };
    const auto relay = make_tls_relay(io_, descriptor, std::move(options));
    {
      const std::scoped_lock lock(count_.mutex);
      count_.relays.emplace(number, relay);
    }
    relay->start();
  }

  void cut_all() {
    std::map<std::uint64_t, std::weak_ptr<TlsRelay>> relays;
    {
      const std::scoped_lock lock(count_.mutex);
      relays = count_.relays;
    }
    for (const auto& [number, relay] : relays) {
      if (const auto alive = relay.lock()) alive->cut();
    }
  }

  void run() {
    while (true) {
      try {
        io_.run();
        return;
      } catch (const std::exception&) {  // no memory for one step: its connection ends, the others go on
      }
    }
  }

  Count count_;
  TlsContext context_;
  milliseconds handshake_timeout_;
  SharedRoom handshakes_;  // strangers can hold a connection for the time of one
  std::uint64_t made_ = 0;
  std::atomic<std::uint64_t> too_many_ = 0, failed_ = 0;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::thread thread_;
};

}  // namespace

std::unique_ptr<TlsFront> make_tls_front(TlsContext context, milliseconds handshake_timeout,
                                         std::size_t max_handshakes) {
  return std::make_unique<Front>(std::move(context), handshake_timeout, max_handshakes);
}

}  // namespace pawprint::net
