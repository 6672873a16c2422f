// Sends to many sockets by one system call: io_uring(7).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

struct io_uring;

namespace pawprint::net {

// For one thread at a time.
class SendRing {
 public:
  static constexpr std::size_t kMost = 32;  // sends at a time

  // nullptr: the kernel has none for this process (too old, switched off, or a sandbox that forbids it).
  static std::unique_ptr<SendRing> open();
  ~SendRing();
  SendRing(const SendRing&) = delete;
  SendRing& operator=(const SendRing&) = delete;

  struct Send {
    int descriptor;
    std::string_view bytes;
    ssize_t taken = 0;  // how many of them the kernel has; none for whatever reason: a send() tells which
  };

  // Never waits for a peer. Leaves out those without bytes; when it returns the kernel looks at none of them
  // any more.
  void send(std::span<Send> sends);

 private:
  explicit SendRing(std::unique_ptr<io_uring> ring);
  std::size_t hand_over(std::size_t count);
  std::unique_ptr<io_uring> ring_;
  bool is_refused_ = false;
};

}  // namespace pawprint::net
