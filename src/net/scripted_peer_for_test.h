// A TCP peer on loopback that does what a test tells it, byte for byte. For tests alone.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace pawprint::net {

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

  // From any address of 127.0.0.0/8.
  static Socket connected_to(std::uint16_t port, const char* from = "127.0.0.1") {
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in own = loopback(0);
    inet_pton(AF_INET, from, &own.sin_addr);
    if (::bind(socket.descriptor_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
      ::perror("bind");
    const sockaddr_in address = loopback(port);
    if (::connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::perror("connect");
    }
    return socket;
  }

  // Whether somebody listens there. The connection is closed at once.
  static bool could_connect_to(std::uint16_t port) {
    const Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    return ::connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  int descriptor() const { return descriptor_; }

  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Reads until `end` has been seen, or the peer has closed.
  std::string receive_until(std::string_view end) const {
    std::string out;
    char byte = 0;
    while (!out.ends_with(end) && ::recv(descriptor_, &byte, 1, 0) == 1) {
      out.push_back(byte);
    }
    return out;
  }

  std::string receive_all() const {
    std::string out;
    char bytes[4096];
    for (auto came = ::recv(descriptor_, bytes, sizeof bytes, 0); came > 0;
         came = ::recv(descriptor_, bytes, sizeof bytes, 0)) {
      out.append(bytes, static_cast<std::size_t>(came));
    }
    return out;
  }

 private:
  int descriptor_;
};

class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = Socket::loopback(0);
    socklen_t length = sizeof address;
    if (::bind(socket_.descriptor(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket_.descriptor(), 16) != 0 ||
        ::getsockname(socket_.descriptor(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      ::perror("listen");
    }
    port_ = ntohs(address.sin_port);
  }
  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  Socket accept() const { return Socket(::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC)); }

 private:
  Socket socket_;
  std::uint16_t port_ = 0;
};

// Runs `script` on a thread; the destructor waits for it.
class ScriptedPeer {
 public:
  explicit ScriptedPeer(std::function<void(const Listener&)> script)
      : thread_([this, script = std::move(script)] { script(listener_); }) {}
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;
  ~ScriptedPeer() { thread_.join(); }
  std::string url(std::string_view path) const { return listener_.url(path); }

 private:
  Listener listener_;
  std::thread thread_;
};

}  // namespace pawprint::net
