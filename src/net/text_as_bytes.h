// Messages of text that come in on a WebSocket, as messages of bytes: Beast ends the connection for a text
// that is no UTF-8, before what came ahead of it is answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pawprint::net {

// Follows the frames of a connection (RFC 6455, 5.2) from its first byte on.
class TextAsBytes {
 public:
  void pass(std::span<unsigned char> bytes);  // what came next, changed in its place

 private:
  void take_head(unsigned char& byte);

  std::size_t head_bytes_ = 0;  // of this frame, so far
  std::size_t length_end_ = 0;  // in its head
  std::size_t head_end_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t payload_left_ = 0;
};

}  // namespace pawprint::net
