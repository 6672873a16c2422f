// A real server in the program takes one connection for each input.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "net/http_server.h"
#include "net/trusted_proxies.h"
#include "net/web_socket.h"
#include "targets.h"

namespace pawprint::fuzz {
namespace {

class Echo final : public net::SocketEvents {
 public:
  void opened(std::shared_ptr<net::WebSocket> socket) override {
    socket_ = std::move(socket);
    socket_->read_more();
  }
  void received(std::string text) override {
    socket_->send(std::make_shared<const std::string>(net::text_frame(text)));
    socket_->read_more();
  }
  void sent() override {}
  void closed() override { socket_ = nullptr; }

 private:
  std::shared_ptr<net::WebSocket> socket_;
};

constexpr std::uint64_t kMostBytes = 4096;

net::Admission admit(const net::ServerRequest& head) {
  if (head.target == "/ws") return {.upgrade = std::make_shared<Echo>()};
  if (head.method == "GET") return {.answer = net::ServerAnswer{200, {}, head.target}};
  return {.with_body =
              [](std::string body) {
                must_hold(body.size() <= kMostBytes, "no body above the limit is handed on");
                return net::ServerAnswer{200, {}, std::move(body)};
              },
          .max_body_bytes = kMostBytes};
}

// libFuzzer's clock is a signal that would end a connect or a recv with EINTR.
void let_calls_go_on_after_an_alarm() {
  struct sigaction alarm{};
  must_hold(::sigaction(SIGALRM, nullptr, &alarm) == 0, "the alarm is known");
  alarm.sa_flags |= SA_RESTART;
  must_hold(::sigaction(SIGALRM, &alarm, nullptr) == 0, "the alarm may be changed");
}

net::HttpServer& server() {
  static const auto started = [] {
    let_calls_go_on_after_an_alarm();
    return net::start_http_server({.crew = {1, 256}, .max_message_bytes = kMostBytes}, admit);
  }();
  must_hold(started.has_value(), "the server starts");
  return **started;
}

sockaddr_in loopback(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

// From another address of 127.0.0.0/8 each time, as a port rests for a minute after its connection; another
// fuzzer beside this one begins elsewhere.
int connected() {
  static std::uint32_t count = static_cast<std::uint32_t>(::getpid()) * 65'536;
  const std::uint32_t host = INADDR_LOOPBACK + 1 + ++count % 16'000'000;
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in from = loopback(host, 0), to = loopback(INADDR_LOOPBACK, server().port());
  must_hold(::bind(descriptor, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0,
            "the address is free");
  must_hold(::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0,
            "the server listens");
  return descriptor;
}

// Until `end` has come, or the connection has ended.
std::string receive_until(int descriptor, std::string_view end) {
  std::string answer;
  std::array<char, 4096> chunk;
  while (end.empty() || !answer.contains(end)) {
    const auto came = ::recv(descriptor, chunk.data(), chunk.size(), 0);
    if (came <= 0) break;
    answer.append(chunk.data(), static_cast<std::size_t>(came));
  }
  return answer;
}

// All that the server says to these bytes and the end of the connection behind them.
std::string answer_to(int descriptor, std::string_view bytes) {
  ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ::shutdown(descriptor, SHUT_WR);
  std::string answer = receive_until(descriptor, {});
  ::close(descriptor);
  return answer;
}

}  // namespace

void read_http_request(std::string_view bytes) {
  const std::string answer = answer_to(connected(), bytes);
  must_hold(answer.empty() || answer.starts_with("HTTP/1.1 "), "what is answered is HTTP");
}

void read_forwarded(std::string_view lines) {
  static constexpr std::string_view kTrusted = "10.0.0.0/8,2001:db8::/32";
  static const auto by_list = net::TrustedProxies::parse(kTrusted);
  static const auto by_structure = net::TrustedProxies::parse(kTrusted, net::ProxyHeader::forwarded);
  const auto end = std::min(lines.find('\n'), lines.size());
  net::ServerRequest head{"GET", "/", {{"X-Forwarded-For", std::string(lines.substr(0, end))}}, ""};
  if (end < lines.size()) head.headers.push_back({"Forwarded", std::string(lines.substr(end + 1))});
  for (const auto* proxies : {&*by_list, &*by_structure}) {
    head.remote_address = "10.0.0.1";
    const std::string client = proxies->client_of(head);
    std::array<unsigned char, 16> bits;
    must_hold(::inet_pton(client.contains(':') ? AF_INET6 : AF_INET, client.c_str(), bits.data()) == 1,
              "a client has an address");
    head.remote_address = "198.51.100.1";
    must_hold(proxies->client_of(head) == "198.51.100.1", "nobody else is believed");
  }
}

void read_web_socket(std::string_view bytes) {
  constexpr std::string_view kUpgrade =
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  const int descriptor = connected();
  ::send(descriptor, kUpgrade.data(), kUpgrade.size(), MSG_NOSIGNAL);
  const std::string upgraded = receive_until(descriptor, "\r\n\r\n");
  must_hold(upgraded.starts_with("HTTP/1.1 101 "), "the upgrade is taken");
  const std::string frames = answer_to(descriptor, bytes);
  must_hold(frames.size() <= bytes.size() + kMostBytes, "an echo is not longer than what it answers");
}

}  // namespace pawprint::fuzz
