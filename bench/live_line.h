// Bare connections to a hub, over TLS or not, that cost the program next to nothing: what the hub spends on
// them can be told apart.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "running_hub.h"

struct ssl_st;
struct ssl_ctx_st;

namespace pawprint::bench {

// Blocks. Any failure ends the program.
class LiveLine {
 public:
  // nullptr: plain http.
  LiveLine(std::uint16_t port, ssl_ctx_st* tls);
  ~LiveLine();
  LiveLine(LiveLine&& other) noexcept;
  LiveLine(const LiveLine&) = delete;

  void send(std::string_view text) const;
  void read_until(std::string_view text) const;  // comes

 private:
  int socket_ = -1;
  ssl_st* ssl_ = nullptr;
};

// A client's, believing that authority; nullptr for "".
std::shared_ptr<ssl_ctx_st> client_context(const std::string& authority);

// So many sockets of the hub's live channel, each of which has had its snapshot.
std::vector<LiveLine> open_live(const RunningHub& hub, ssl_ctx_st* tls, std::size_t count);

// CPU microseconds that the server's side of a handshake takes without any network, with that certificate:
// OpenSSL alone, both sides in memory.
double bare_handshake_us(const std::string& certificate, const std::string& key, ssl_ctx_st* client,
                         std::size_t count);

}  // namespace pawprint::bench
