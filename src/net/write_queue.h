// What waits to be written to one non-blocking socket: shared buffers, written together, on any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

#include "net/web_socket.h"

namespace pawprint::net {

// Thread-safe.
class WriteQueue {
 public:
  // `wait_writable` asks for a call of flush() when the descriptor can take more. Called with the mutex held.
  WriteQueue(int descriptor, std::function<void()> wait_writable)
      : descriptor_(descriptor), wait_writable_(std::move(wait_writable)) {}

  bool send(Frames frames);                   // see WebSocket::send
  std::size_t abandon(const Frames& frames);  // see WebSocket::abandon
  bool flush();                               // true: nothing waits any more
  void stop();                                // before the descriptor is closed; what waits is gone
  bool failed() const;                        // the connection is broken, nothing will be written any more

 private:
  bool write_some();

  mutable std::mutex mutex_;
  int descriptor_;
  std::function<void()> wait_writable_;
  std::deque<Frames> waiting_;
  std::size_t written_ = 0;  // of the first that waits
  bool is_waiting_ = false;  // for the descriptor
  bool failed_ = false;
};

}  // namespace pawprint::net
