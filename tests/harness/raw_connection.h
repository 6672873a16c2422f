// One TCP connection to a hub on this machine that carries what a test says, byte for byte: the requests of
// clients that are not ours, and those that no client would send.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pawprint::testing {

struct RawAnswer {
  int status = 0;    // 0: the connection ended, or 20 s passed, before a whole answer was there
  std::string head;  // with its status line
  std::string body;
  std::string header(std::string_view name) const;  // case-insensitive; empty if it is not there
};

struct RawMeans {
  int receive_buffer_bytes = 0;  // of the kernel, before the hub has to wait; 0: as it likes
  std::string authority = {};    // the file of who vouches for a hub at https://
};

class RawConnection {
 public:
  // http://127.0.0.1:PORT or https://; aborts where nobody listens, or nobody whom `authority` vouches for.
  explicit RawConnection(const std::string& url, const RawMeans& means = {});
  RawConnection(const RawConnection&) = delete;
  ~RawConnection();

  bool send(std::string_view bytes) const;  // false: the peer takes no more
  RawAnswer read_answer();                  // of one request, its body as Content-Length says
  RawAnswer exchange(std::string_view bytes);

  // After an answer of 101 (RFC 6455, 5.2).
  bool send_text_frame(std::string_view text) const;
  bool send_frame(std::uint8_t first_byte, std::string_view payload) const;  // masked
  // The text of the next frame, or "close CODE". nullopt: the connection ended, or 20 s passed.
  std::optional<std::string> next_frame();

  bool has_ended();  // waits for it

  // Waits for a byte at least and takes `most` of what has come, to be read later; how many: 0 if none come.
  std::size_t take_some(std::size_t most = 4096);

 private:
  struct Tls;
  bool read_to(std::size_t bytes);  // until so many are buffered

  int descriptor_ = -1;
  std::unique_ptr<Tls> tls_;
  std::string buffered_;
};

}  // namespace pawprint::testing
