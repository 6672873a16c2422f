// HTTP and WebSocket over TLS, with real sockets and certificates of the test's own.
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/format.h"
#include "net/certificates_for_test.h"
#include "net/http_server.h"
#include "net/scripted_peer_for_test.h"
#include "net/tls_front.h"
#include "net/web_socket.h"
#include "net/web_socket_client.h"

namespace pawprint::net {
namespace {

constexpr std::chrono::milliseconds kLong{20'000};

class Echo final : public SocketEvents {
 public:
  void opened(std::shared_ptr<WebSocket> socket) override {
    socket_ = std::move(socket);
    socket_->read_more();
  }
  void received(std::string text) override {
    socket_->send(std::make_shared<const std::string>(text_frame(text)));
    socket_->read_more();
  }
  void sent() override {}
  void closed() override { socket_ = nullptr; }

 private:
  std::shared_ptr<WebSocket> socket_;
};

Admission admit(const ServerRequest& head) {
  if (head.target == "/ws") return {.upgrade = std::make_shared<Echo>()};
  if (head.target == "/who") return {.answer = ServerAnswer{200, {}, head.remote_address}};
  return {.with_body = [](std::string body) { return ServerAnswer{200, {}, std::move(body)}; },
          .max_body_bytes = 64U << 20};
}

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    std::string pattern = testing::TempDir() + "paw-tls-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    authority_ = std::make_unique<Authority>(path("ca.pem"));
    issue("IP:127.0.0.1");
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(root_);
  }

  std::string path(std::string_view name) const { return fmt::format("{}/{}", root_, name); }
  void issue(const std::string& subject, long seconds_left = 3600) {
    authority_->issue(subject, path("cert.pem"), path("key.pem"), seconds_left);
  }
  ServerOptions options() const {
    ServerOptions options;
    options.tls = {path("cert.pem"), path("key.pem")};
    options.max_body_bytes = 64U << 20;
    return options;
  }
  void serve(const ServerOptions& wanted) {
    auto started = start_http_server(wanted, admit);
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }

  std::unique_ptr<HttpClient> believer() const { return make_http_client(nullptr, {path("ca.pem")}); }
  std::string url(std::string_view target, std::string_view scheme = "https") const {
    return fmt::format("{}://127.0.0.1:{}{}", scheme, server_->port(), target);
  }
  static Result<HttpAnswer> get(HttpClient& client, std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    return client.send(request);
  }
  void expect_refused(HttpClient& client, std::string_view why, std::string_view hint,
                      std::string_view scheme = "https") const {
    const auto answer = get(client, url("/who", scheme));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::unreachable);
    EXPECT_TRUE(answer.error().message.contains(why)) << answer.error().message;
    EXPECT_EQ(answer.error().hint, hint);
  }

  std::string root_;
  std::unique_ptr<Authority> authority_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(TlsTest, ABodyOfEverySizeGoesThereAndBackOverOneConnection) {
  serve(options());
  const auto client = believer();
  for (const std::size_t bytes : {0U, 1U, 16U << 10, (16U << 10) + 1, 1U << 20, 20U << 20}) {
    HttpRequest request;
    request.method = "POST";
    request.url = url("/");
    request.max_answer_bytes = 64U << 20;
    request.body.assign(bytes, 'x');
    for (std::size_t i = 0; i < bytes; i += 97) request.body[i] = static_cast<char>('a' + i % 26);
    const auto answer = client->send(request);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(answer->body == request.body) << bytes;
  }
}

TEST_F(TlsTest, TheServerKnowsWhoseConnectionItIs) {
  serve(options());
  const auto answer = get(*believer(), url("/who"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "127.0.0.1");
}

TEST_F(TlsTest, WhoDoesNotShakeHandsLeavesRoomForThoseAtOtherAddresses) {
  ServerOptions wanted = options();
  wanted.max_handshakes = 4;
  wanted.header_timeout = kLong;
  serve(wanted);
  std::vector<Socket> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(Socket::connected_to(server_->port(), "127.0.0.2"));
  EXPECT_TRUE(get(*believer(), url("/who")));
  EXPECT_EQ(silent[2].receive_all(), "");
  EXPECT_EQ(silent[3].receive_all(), "") << "were they open, they would be so for long";
  EXPECT_EQ(server_->tls_failures().too_many, 2U);
  EXPECT_EQ(server_->tls_failures().handshake, 0U);
}

// Nobody was there when they were taken in: all of them shake hands at one time.
TEST_F(TlsTest, WhoHasShakenHandsAndFindsTooManyOpenIsCountedAsTurnedAway) {
  constexpr std::size_t kToldThatItIsFull = 64;
  ServerOptions wanted = options();
  wanted.max_open = 1;
  serve(wanted);
  const auto context = client_tls({path("ca.pem")});
  ASSERT_TRUE(context);
  std::vector<Socket> sockets;
  for (std::size_t i = 0; i < 1 + kToldThatItIsFull + 1; ++i) {
    sockets.push_back(Socket::connected_to(server_->port()));
  }
  std::vector<std::unique_ptr<SSL, void (*)(SSL*)>> open;
  for (const Socket& socket : sockets) {
    open.emplace_back(SSL_new(context->get()), SSL_free);
    SSL_set_fd(open.back().get(), socket.descriptor());
    ASSERT_EQ(SSL_connect(open.back().get()), 1);
  }
  char byte = 0;
  EXPECT_LE(SSL_read(open.back().get(), &byte, 1), 0) << "it was not closed";
  EXPECT_EQ(server_->turned_away(), kToldThatItIsFull + 1);
}

// Those behind a proxy are many, whatever its address is.
TEST_F(TlsTest, AProxyHasAllTheHandshakesThatThereAre) {
  ServerOptions wanted = options();
  wanted.max_handshakes = 4;
  wanted.header_timeout = kLong;
  wanted.is_proxy = [](std::string_view address) { return address == "127.0.0.2"; };
  serve(wanted);
  std::vector<Socket> silent;
  for (int i = 0; i < 5; ++i) silent.push_back(Socket::connected_to(server_->port(), "127.0.0.2"));
  EXPECT_EQ(silent[4].receive_all(), "");
  for (std::size_t i = 0; i < 4; ++i) {
    char byte = 0;
    EXPECT_EQ(::recv(silent[i].descriptor(), &byte, 1, MSG_DONTWAIT), -1) << i << " was closed";
  }
}

TEST_F(TlsTest, AnAuthorityThatNobodyKnowsIsNotBelieved) {
  serve(options());
  expect_refused(*make_http_client(), "is not one to trust for 127.0.0.1", "export SSL_CERT_FILE=FILE");
}

TEST_F(TlsTest, ACertificateForAnotherHostIsNotBelieved) {
  issue("DNS:hub.example.org");
  serve(options());
  expect_refused(*believer(), "IP address mismatch",
                 fmt::format("openssl s_client -connect 127.0.0.1:{}", server_->port()));
  HttpRequest request;
  request.url = fmt::format("https://localhost:{}/", server_->port());
  const auto answer = believer()->send(request);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.contains("hostname mismatch")) << answer.error().message;
}

TEST_F(TlsTest, WhoSpeaksTlsToAPlainServerIsToldSo) {
  ServerOptions plain = options();
  plain.tls = {};
  serve(plain);
  expect_refused(*believer(),
                 fmt::format("the other side does not speak TLS; if it is a hub without it, its address is "
                             "http://127.0.0.1:{}",
                             server_->port()),
                 "");
}

TEST_F(TlsTest, WhoDoesNotSpeakTlsIsToldThatTheServerMay) {
  serve(options());
  expect_refused(
      *believer(),
      fmt::format("if it is a hub that speaks TLS, its address is https://127.0.0.1:{}", server_->port()), "",
      "http");
}

TEST_F(TlsTest, AServerDoesNotStartWithFilesThatItCannotUse) {
  const auto refuses = [this](std::string_view why) {
    const auto started = start_http_server(options(), admit);
    ASSERT_FALSE(started);
    EXPECT_TRUE(started.error().message.contains(why)) << started.error().message;
  };
  issue("IP:127.0.0.1", -1);
  refuses("it has expired");
  issue("IP:127.0.0.1");
  authority_->issue("IP:127.0.0.1", path("other.pem"), path("key.pem"));
  refuses("key.pem: key values mismatch");
  std::ofstream(path("cert.pem")) << "no certificate";
  refuses("cannot use the certificate " + path("cert.pem"));
  std::filesystem::remove(path("cert.pem"));
  refuses("cannot use the certificate " + path("cert.pem"));
}

TEST_F(TlsTest, ACertificateIsExchangedWithoutARestartAndABadOneChangesNothing) {
  serve(options());
  const auto before = believer();
  ASSERT_TRUE(get(*before, url("/who")));
  std::ofstream(path("cert.pem")) << "half a certif";
  EXPECT_FALSE(server_->reload_tls());
  EXPECT_TRUE(get(*believer(), url("/who")));
  issue("DNS:hub.example.org");
  ASSERT_TRUE(server_->reload_tls());
  EXPECT_TRUE(get(*before, url("/who")));  // goes on with the connection that it has
  expect_refused(*believer(), "IP address mismatch",
                 fmt::format("openssl s_client -connect 127.0.0.1:{}", server_->port()));
}

TEST_F(TlsTest, WhoSpeaksNoTlsIsNotServedAndHarmsNobody) {
  serve(options());
  const Socket plain = Socket::connected_to(server_->port());
  plain.send("GET /who HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_FALSE(plain.receive_all().contains("200"));
  const Socket gone = Socket::connected_to(server_->port());
  gone.send("\x16\x03\x01");
  EXPECT_TRUE(get(*believer(), url("/who")));
}

TEST_F(TlsTest, AHandshakeThatNeverComesEndsWithTheTimeForAHeader) {
  ServerOptions impatient = options();
  impatient.header_timeout = std::chrono::milliseconds(50);
  serve(impatient);
  const Socket silent = Socket::connected_to(server_->port());
  EXPECT_EQ(silent.receive_all(), "");
}

// Else a frame waits for the other side to acknowledge the one before it, which takes it 40 ms.
TEST_F(TlsTest, WhatIsSentDoesNotWaitForWhatWasSentBefore) {
  const Listener listener;
  const Socket client = Socket::connected_to(listener.port());
  const Socket accepted = listener.accept();
  const auto front = make_tls_front(*server_tls({path("cert.pem"), path("key.pem")}), kLong, 2);
  front->take(::dup(accepted.descriptor()), {}, [](int) {});
  front->stop(std::chrono::milliseconds(0));
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  ASSERT_EQ(::getsockopt(accepted.descriptor(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
  EXPECT_NE(no_delay, 0);
}

TEST_F(TlsTest, AVersionBefore12IsRefused) {
  const auto context = client_tls({path("ca.pem")});
  ASSERT_TRUE(context);
  EXPECT_EQ(SSL_CTX_get_min_proto_version(context->get()), TLS1_2_VERSION);
  const auto server = server_tls({path("cert.pem"), path("key.pem")});
  ASSERT_TRUE(server);
  EXPECT_EQ(SSL_CTX_get_min_proto_version(server->get()), TLS1_2_VERSION);
}

TEST_F(TlsTest, AWebSocketWorksAndIsToldWhenTheServerEnds) {
  serve(options());
  auto opened = open_web_socket({.url = url("/ws", "wss"), .trust = {path("ca.pem")}});
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_NE(opened->socket, nullptr);
  for (const std::size_t bytes : {1U, 20'000U, 300'000U}) {
    const std::string text(bytes, 't');
    ASSERT_TRUE(opened->socket->send(text, kLong));
    const auto came = opened->socket->receive(kLong);
    ASSERT_TRUE(came) << came.error().message;
    EXPECT_TRUE(**came == text);
  }
  server_->stop(std::chrono::milliseconds(0));
  EXPECT_FALSE(opened->socket->receive(kLong));
}

TEST_F(TlsTest, AWebSocketToAServerThatIsNotBelievedIsNotOpened) {
  serve(options());
  const auto opened = open_web_socket({.url = url("/ws", "wss")});
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().message.contains("is not one to trust")) << opened.error().message;
}

TEST_F(TlsTest, ManyAtOnceAreAllAnsweredAndTheServerEndsBetweenThem) {
  serve(options());
  std::vector<std::thread> clients;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      const auto client = believer();
      for (int turn = 0; turn < 10; ++turn) answered += get(*client, url("/who")) ? 1 : 0;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, 80);
  server_->stop(std::chrono::milliseconds(1'000));
}

}  // namespace
}  // namespace pawprint::net
