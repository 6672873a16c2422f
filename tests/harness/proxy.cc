#include "harness/proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <list>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace pawprint::testing {
namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr std::size_t kMostBuffered = 256U << 10;

Time now() {
  return std::chrono::steady_clock::now();
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// What goes one way through a connection.
struct Way {
  int from = -1;
  int to = -1;
  std::size_t cut_after = 0;
  std::string waiting{};
  Time not_before{};
  std::size_t passed = 0;
  bool has_ended = false;  // `from` sends no more
  bool told_end = false;
};

struct Pair {
  Weather weather;
  int client = -1;
  int hub = -1;
  std::array<Way, 2> ways{};
  bool over = false;

  void reset() {
    const linger at_once{1, 0};
    for (const int each : {client, hub}) {
      if (each < 0) continue;
      ::setsockopt(each, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      ::close(each);
    }
    over = true;
  }
};

}  // namespace

class Proxy::Loop {
 public:
  Loop(std::uint16_t to_port, std::atomic<std::size_t>& connections)
      : to_port_(to_port), connections_(connections) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, SOMAXCONN) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    stop_ = ::eventfd(0, EFD_CLOEXEC);
  }
  Loop(const Loop&) = delete;
  ~Loop() {
    for (Pair& pair : pairs_) pair.reset();
    ::close(listener_);
    ::close(stop_);
  }

  std::uint16_t port() const { return port_; }
  void set(const Weather& weather) {
    const std::lock_guard lock(mutex_);
    weather_ = weather;
    spares_next_ = false;
  }
  void stop() const {
    if (::eventfd_write(stop_, 1) != 0) std::abort();
  }

  void run() {
    for (;;) {
      std::vector<pollfd> wanted{{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
      std::optional<Time> wake;
      for (Pair& pair : pairs_) {
        for (Way& way : pair.ways) want(pair, way, wanted, wake);
      }
      ::poll(wanted.data(), wanted.size(), until(wake));
      if (wanted[0].revents != 0) return;
      if (wanted[1].revents != 0) take_in();
      for (Pair& pair : pairs_) {
        for (Way& way : pair.ways) {
          if (!pair.over) read(pair, way);
          if (!pair.over) pass_on(pair, way);
        }
      }
      std::erase_if(pairs_, [](const Pair& pair) { return pair.over; });
    }
  }

 private:
  static int until(const std::optional<Time>& wake) {
    if (!wake) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*wake - now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  }

  static void want(const Pair&, const Way& way, std::vector<pollfd>& wanted, std::optional<Time>& wake) {
    if (!way.has_ended && way.waiting.size() < kMostBuffered) wanted.push_back({way.from, POLLIN, 0});
    if (way.waiting.empty()) return;
    if (way.not_before > now()) {
      wake = wake ? std::min(*wake, way.not_before) : way.not_before;
    } else {
      wanted.push_back({way.to, POLLOUT, 0});
    }
  }

  void take_in() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    Pair pair;
    bool is_spared = false;
    {
      const std::lock_guard lock(mutex_);
      pair.weather = weather_;
      is_spared = std::exchange(spares_next_, !spares_next_);
    }
    ++connections_;
    if (pair.weather.spares_every_second && is_spared) {
      pair.weather = {.latency = pair.weather.latency, .bytes_at_once = pair.weather.bytes_at_once};
    }
    pair.client = client;
    pair.hub = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(to_port_);
    if (pair.weather.refuses ||
        ::connect(pair.hub, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      return pair.reset();
    }
    ::fcntl(pair.hub, F_SETFL, O_NONBLOCK);
    pair.ways[0] = {client, pair.hub, pair.weather.cut_after_bytes};
    pair.ways[1] = {pair.hub, client, pair.weather.cut_answer_after_bytes};
    pairs_.push_back(std::move(pair));
  }

  static void read(Pair& pair, Way& way) {
    if (way.has_ended || way.waiting.size() >= kMostBuffered) return;
    std::array<char, 64U << 10> chunk;
    const ssize_t came = ::recv(way.from, chunk.data(), chunk.size(), 0);
    if (came < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (came < 0) return pair.reset();
    if (came == 0) {
      way.has_ended = true;
      return;
    }
    if (way.waiting.empty()) way.not_before = now() + pair.weather.latency;
    way.waiting.append(chunk.data(), static_cast<std::size_t>(came));
  }

  static void pass_on(Pair& pair, Way& way) {
    if (way.waiting.empty()) {
      if (!way.has_ended || std::exchange(way.told_end, true)) return;
      ::shutdown(way.to, SHUT_WR);
      if (pair.ways[0].told_end && pair.ways[1].told_end) pair.reset();
      return;
    }
    if (way.not_before > now()) return;
    std::size_t bytes = way.waiting.size();
    if (pair.weather.bytes_at_once != 0) bytes = std::min(bytes, pair.weather.bytes_at_once);
    if (way.cut_after != 0) bytes = std::min(bytes, way.cut_after - way.passed);
    const ssize_t sent = ::send(way.to, way.waiting.data(), bytes, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (sent < 0) return pair.reset();
    way.waiting.erase(0, static_cast<std::size_t>(sent));
    way.passed += static_cast<std::size_t>(sent);
    if (pair.weather.bytes_at_once != 0) way.not_before = now() + pair.weather.latency;
    if (way.cut_after != 0 && way.passed >= way.cut_after) pair.reset();
  }

  std::uint16_t to_port_;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t>& connections_;
  int listener_ = -1;
  int stop_ = -1;
  std::mutex mutex_;
  Weather weather_;
  bool spares_next_ = false;  // with mutex_, as the weather
  std::list<Pair> pairs_;
};

Proxy::Proxy(const std::string& to_url) {
  const auto port = static_cast<std::uint16_t>(std::stoi(to_url.substr(to_url.rfind(':') + 1)));
  loop_ = std::make_unique<Loop>(port, connections_);
  url_ = "http://127.0.0.1:" + std::to_string(loop_->port());
  thread_ = std::thread([this] { loop_->run(); });
}

Proxy::~Proxy() {
  loop_->stop();
  thread_.join();
}

void Proxy::set(const Weather& weather) {
  loop_->set(weather);
}

}  // namespace pawprint::testing
