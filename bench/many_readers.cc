#include "many_readers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace pawprint::bench {
namespace {

int open_socket(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  const std::string head =
      "GET /ws/v1/events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  if (::send(socket, head.data(), head.size(), 0) != static_cast<ssize_t>(head.size())) std::abort();
  return socket;
}

void watch(int poll, int descriptor) {
  epoll_event event{EPOLLIN, {.fd = descriptor}};
  ::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
}

// Says one byte each time that all sockets together have had what `orders` told. Ends with `orders`.
void read_for_ever(std::uint16_t port, std::uint64_t sockets, int orders, int reports) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  for (std::uint64_t i = 0; i < sockets; ++i) watch(poll, open_socket(port));
  watch(poll, orders);
  std::vector<char> buffer(1U << 20);
  std::vector<epoll_event> ready(1024);
  std::int64_t left = 0;
  bool told = true;
  for (;;) {
    const int count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int from = ready[static_cast<std::size_t>(i)].data.fd;
      if (from == orders) {
        std::int64_t more = 0;
        if (::read(orders, &more, sizeof more) != sizeof more) return;
        left += more;
        told = false;
        continue;
      }
      const ssize_t came = ::recv(from, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (came > 0) left -= came;
    }
    if (told || left > 0) continue;
    told = true;
    if (::write(reports, "x", 1) != 1) return;
  }
}

}  // namespace

ManyReaders::ManyReaders(std::uint16_t port, std::uint64_t sockets) : sockets_(sockets) {
  int orders[2];
  int reports[2];
  if (::pipe(orders) != 0 || ::pipe(reports) != 0) std::abort();
  process_ = ::fork();
  if (process_ == 0) {
    ::close(orders[1]);
    read_for_ever(port, sockets, orders[0], reports[1]);
    ::_exit(0);
  }
  ::close(orders[0]);
  ::close(reports[1]);
  orders_ = orders[1];
  reports_ = reports[0];
}

ManyReaders::~ManyReaders() {
  ::close(orders_);
  ::waitpid(process_, nullptr, 0);
  ::close(reports_);
}

SlowReader::SlowReader(std::uint16_t port) : process_(::fork()) {
  if (process_ != 0) return;
  const int socket = open_socket(port);
  char byte = 0;
  while (::recv(socket, &byte, 1, 0) > 0) std::this_thread::sleep_for(std::chrono::seconds{1});
  ::_exit(0);
}

SlowReader::~SlowReader() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void ManyReaders::wait_for(std::uint64_t bytes) const {
  const auto more = static_cast<std::int64_t>(bytes);
  if (::write(orders_, &more, sizeof more) != sizeof more) std::abort();
  char byte = 0;
  if (::read(reports_, &byte, 1) != 1) std::abort();
}

}  // namespace pawprint::bench
