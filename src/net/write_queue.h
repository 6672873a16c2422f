// What waits to be written to one non-blocking socket: shared buffers, written together, on any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>

#include "net/web_socket.h"

namespace pawprint::net {

// Thread-safe.
class WriteQueue {
 public:
  // `wait_writable` asks for a call of flush() when the descriptor can take more. Called with the mutex held.
  WriteQueue(int descriptor, std::function<void()> wait_writable)
      : descriptor_(descriptor), wait_writable_(std::move(wait_writable)) {}

  bool send(Frames frames);                   // see WebSocket::send
  void put(Frames frames);                    // waits for the next that writes; who put it sees to that
  bool is_empty() const;                      // nothing waits
  std::uint64_t untaken_bytes() const;        // see WebSocket::untaken_bytes
  std::size_t abandon(const Frames& frames);  // see WebSocket::abandon
  bool flush();                               // true: nothing waits any more
  void stop();                                // before the descriptor is closed; what waits is gone
  bool failed() const;                        // the connection is broken, nothing will be written any more

  // A turn to write, for who writes to many: until it ends nobody else does, or stops the queue.
  class Turn {
   public:
    explicit Turn(WriteQueue& queue) : queue_(queue), lock_(queue.mutex_) {}
    int descriptor() const { return queue_.descriptor_; }
    std::string_view first() const;  // to be sent; empty: nothing is, now
    bool settle(ssize_t taken);      // so much of it was, and the rest is tried; true: nothing waits any more

   private:
    WriteQueue& queue_;
    std::unique_lock<std::mutex> lock_;
  };

 private:
  void take(std::size_t bytes);
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
