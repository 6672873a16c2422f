// Frames for many sockets that leave together, so that they cost one system call and not one each.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "net/web_socket.h"

namespace pawprint::net {

class SendRing;
class WriteQueue;

// For one thread. Filled by WebSocket::send_with().
class Volley {
 public:
  Volley();                                         // as fast as this kernel can
  explicit Volley(std::unique_ptr<SendRing> ring);  // nullptr: by a system call each
  ~Volley();                                        // lets go what is in it
  Volley(const Volley&) = delete;
  Volley& operator=(const Volley&) = delete;

  void add(std::shared_ptr<WriteQueue> queue, std::shared_ptr<SocketEvents> events);
  bool is_full() const;  // time to let it go

  // Writes as much of what waits as the kernel takes, then tells those of whose frames nothing waits any
  // more: sent(), on this thread. Called without any lock that sent() takes.
  void go();

 private:
  struct Member {
    std::shared_ptr<WriteQueue> queue;
    std::shared_ptr<SocketEvents> events;
    bool has_all = false;
  };

  void write();

  std::unique_ptr<SendRing> ring_;
  std::vector<Member> members_;
};

}  // namespace pawprint::net
