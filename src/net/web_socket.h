// A WebSocket (RFC 6455) as the server sees it: text messages, no compression. No Boost in this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace pawprint::net {

inline constexpr std::uint16_t kCloseNormal = 1000;
inline constexpr std::uint16_t kCloseGoingAway = 1001;
inline constexpr std::uint16_t kClosePolicy = 1008;
inline constexpr std::uint16_t kCloseTryLater = 1013;

// Bytes of whole frames. Shared, so that what goes to many sockets is made once and held once.
using Frames = std::shared_ptr<const std::string>;

// One unmasked frame with this text: 2 to 10 bytes of head (RFC 6455, 5.2), then the text.
std::string text_frame(std::string_view text);

class SocketEvents;
class Volley;  // volley.h

// Thread-safe; nothing blocks. Usable after the connection has ended, to no effect.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // True: the kernel has all of it. False: some waits, and SocketEvents::sent() comes when nothing does. The
  // caller bounds what it lets wait.
  virtual bool send(Frames frames) = 0;

  // Joins what waits, and leaves with `volley` at the latest, which tells `events`: sent(), if nothing waits
  // then; else it comes when nothing does.
  virtual void send_with(Volley& volley, Frames frames, std::shared_ptr<SocketEvents> events) = 0;

  virtual bool has_sent_all() const = 0;  // nothing waits

  // What waits, and what the kernel has and the peer's has not yet. It becomes less with each bit that the
  // peer makes room for, long before there is room for more here.
  virtual std::uint64_t untaken_bytes() const = 0;

  // Throws away what waits, but for the rest of the frame that was begun, and answers how many bytes of
  // `frames` go out all the same: all of them if they are not what waits.
  virtual std::size_t abandon(const Frames& frames) = 0;

  // Lets the next message come; it is not read from the network before.
  virtual void read_more() = 0;

  // Sends what waits, then says why; the connection ends when the peer has answered, or `grace_ms` later.
  virtual void close(std::uint16_t code, std::string_view reason, int grace_ms) = 0;
};

// What happens on a socket. Called on the thread of the server's sockets (sent() also by Volley::go), so
// nothing here may block.
class SocketEvents {
 public:
  virtual ~SocketEvents() = default;
  virtual void opened(std::shared_ptr<WebSocket> socket) = 0;  // first; never if the handshake fails
  virtual void received(std::string text) = 0;  // one message, asked for by read_more(); maybe no UTF-8
  virtual void sent() = 0;
  virtual void closed() = 0;  // last, once, if it was ever opened
};

}  // namespace pawprint::net
