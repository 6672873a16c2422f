#include "harness/raw_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace pawprint::testing {
namespace {

constexpr std::size_t kReadBytes = 64U << 10;
constexpr unsigned char kFinal = 0x80;
constexpr unsigned char kMasked = 0x80;
constexpr unsigned char kCloseFrame = 0x88;
constexpr std::size_t kLength16 = 126;
constexpr std::size_t kLength64 = 127;

std::size_t number_in(std::string_view digits) {
  std::size_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::size_t big_endian(std::string_view bytes) {
  std::size_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

void append_big_endian(std::string& out, std::size_t number, int bytes) {
  while (bytes-- > 0) out += static_cast<char>(number >> (8 * bytes) & 0xFF);
}

}  // namespace

std::string RawAnswer::header(std::string_view name) const {
  for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at)) {
    at += 2;
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    if (head.size() < at + name.size() + 1 || head[at + name.size()] != ':') continue;
    if (strncasecmp(head.data() + at, name.data(), name.size()) != 0) continue;
    const std::size_t value = std::min(head.find_first_not_of(" \t", at + name.size() + 1), end);
    return head.substr(value, end - value);
  }
  return {};
}

struct RawConnection::Tls {
  struct Free {
    void operator()(SSL_CTX* ended) const { SSL_CTX_free(ended); }
    void operator()(SSL* ended) const { SSL_free(ended); }
  };
  std::unique_ptr<SSL_CTX, Free> context{SSL_CTX_new(TLS_client_method())};
  std::unique_ptr<SSL, Free> connection{SSL_new(context.get())};

  bool begin(int descriptor, const std::string& authority) {
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(connection.get());
    SSL_set_verify(connection.get(), SSL_VERIFY_PEER, nullptr);
    return SSL_CTX_load_verify_file(context.get(), authority.c_str()) == 1 &&
           X509_VERIFY_PARAM_set1_ip_asc(wanted, "127.0.0.1") == 1 &&
           SSL_set_fd(connection.get(), descriptor) == 1 && SSL_connect(connection.get()) == 1;
  }
};

RawConnection::RawConnection(const std::string& url, const RawMeans& means)
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (means.receive_buffer_bytes != 0) {
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &means.receive_buffer_bytes,
                 sizeof means.receive_buffer_bytes);
  }
  const timeval longest{20, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(number_in(url.substr(url.rfind(':') + 1))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::perror(url.c_str());
    std::abort();
  }
  if (!url.starts_with("https://")) return;
  tls_ = std::make_unique<Tls>();
  if (tls_->begin(descriptor_, means.authority)) return;
  std::fprintf(stderr, "%s: no TLS with a hub that %s vouches for\n", url.c_str(), means.authority.c_str());
  std::abort();
}

RawConnection::~RawConnection() {
  ::close(descriptor_);
}

bool RawConnection::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = tls_ ? SSL_write(tls_->connection.get(), bytes.data(), static_cast<int>(bytes.size()))
                           : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::size_t RawConnection::take_some(std::size_t most) {
  std::array<char, kReadBytes> chunk;
  const std::size_t wanted = std::min(most, chunk.size());
  const auto came = tls_ ? SSL_read(tls_->connection.get(), chunk.data(), static_cast<int>(wanted))
                         : ::recv(descriptor_, chunk.data(), wanted, 0);
  if (came <= 0) return 0;
  buffered_.append(chunk.data(), static_cast<std::size_t>(came));
  return static_cast<std::size_t>(came);
}

bool RawConnection::read_to(std::size_t bytes) {
  while (buffered_.size() < bytes) {
    if (take_some(kReadBytes) == 0) return false;
  }
  return true;
}

RawAnswer RawConnection::read_answer() {
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  constexpr std::size_t kStatusAt = std::string_view("HTTP/1.1 ").size();
  std::size_t end = buffered_.find(kHeadEnd);
  for (; end == std::string::npos; end = buffered_.find(kHeadEnd)) {
    if (!read_to(buffered_.size() + 1)) return {};
  }
  RawAnswer answer{.head = buffered_.substr(0, end), .body = {}};
  buffered_.erase(0, end + kHeadEnd.size());
  const std::size_t length = number_in(answer.header("Content-Length"));
  if (!read_to(length)) return {};
  answer.body = buffered_.substr(0, length);
  buffered_.erase(0, length);
  answer.status = static_cast<int>(number_in(std::string_view(answer.head).substr(kStatusAt)));
  return answer;
}

RawAnswer RawConnection::exchange(std::string_view bytes) {
  send(bytes);
  return read_answer();
}

bool RawConnection::send_text_frame(std::string_view text) const {
  return send_frame(kFinal | 1U, text);
}

bool RawConnection::send_frame(std::uint8_t first_byte, std::string_view payload) const {
  constexpr std::array<char, 4> kMask{'m', 'a', 's', 'k'};
  std::string frame(1, static_cast<char>(first_byte));
  const std::size_t bytes = payload.size();
  const int length_bytes = bytes < kLength16 ? 0 : bytes <= 0xFFFF ? 2 : 8;
  const std::size_t tag = length_bytes == 0 ? bytes : length_bytes == 2 ? kLength16 : kLength64;
  frame += static_cast<char>(kMasked | tag);
  append_big_endian(frame, bytes, length_bytes);
  frame.append(kMask.data(), kMask.size());
  for (std::size_t i = 0; i < bytes; ++i) frame += static_cast<char>(payload[i] ^ kMask[i % kMask.size()]);
  return send(frame);
}

std::optional<std::string> RawConnection::next_frame() {
  if (!read_to(2)) return std::nullopt;
  const auto kind = static_cast<unsigned char>(buffered_[0]);
  std::size_t head = 2;
  std::size_t length = static_cast<unsigned char>(buffered_[1]);
  if (length >= kLength16) {
    const std::size_t bytes = length == kLength16 ? 2 : 8;
    if (!read_to(head + bytes)) return std::nullopt;
    length = big_endian(std::string_view(buffered_).substr(head, bytes));
    head += bytes;
  }
  if (!read_to(head + length)) return std::nullopt;
  std::string text = buffered_.substr(head, length);
  buffered_.erase(0, head + length);
  if (kind == kCloseFrame) return "close " + std::to_string(big_endian(text.substr(0, 2)));
  return text;
}

bool RawConnection::has_ended() {
  while (read_to(buffered_.size() + 1)) {
  }
  char byte = 0;
  return ::recv(descriptor_, &byte, 1, MSG_DONTWAIT) == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace pawprint::testing
