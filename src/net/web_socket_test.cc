// The server's and the client's WebSockets against each other.
#include "net/web_socket.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/format.h"
#include "net/http_server.h"
#include "net/scripted_peer_for_test.h"
#include "net/web_socket_client.h"
#include "net/write_queue.h"

namespace pawprint::net {
namespace {

constexpr std::chrono::milliseconds kLong{20'000};

// Sends back what comes, or does what it says.
class Echo final : public SocketEvents {
 public:
  void opened(std::shared_ptr<WebSocket> socket) override {
    socket_ = std::move(socket);
    socket_->read_more();
  }
  void received(std::string text) override {
    if (text == "close") return socket_->close(4001, "as asked", 1'000);
    socket_->send(std::make_shared<const std::string>(text_frame(text) + text_frame("again")));
    socket_->read_more();
  }
  void sent() override {}
  void closed() override { socket_ = nullptr; }

 private:
  std::shared_ptr<WebSocket> socket_;
};

class WebSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server =
        start_http_server({.max_message_bytes = 100'000}, [](const ServerRequest& head) -> Admission {
          if (head.target == "/ws") return {.upgrade = std::make_shared<Echo>()};
          return {.answer = ServerAnswer{404, {}, {}}};
        });
    ASSERT_TRUE(server);
    server_ = std::move(*server);
  }

  Result<Opened> open(std::string_view path = "/ws") {
    return open_web_socket({.url = fmt::format("ws://127.0.0.1:{}{}", server_->port(), path)});
  }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(WebSocketTest, MessagesOfEverySizeComeWhole) {
  const auto opened = open();
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_EQ(opened->status, 101);
  for (const std::size_t bytes : {0U, 1U, 125U, 126U, 127U, 65'535U, 65'536U, 100'000U}) {
    const std::string text(bytes, 'x');
    ASSERT_TRUE(opened->socket->send(text, kLong));
    EXPECT_EQ(opened->socket->receive(kLong).value(), text);
    EXPECT_EQ(opened->socket->receive(kLong).value(), "again");
  }
}

TEST_F(WebSocketTest, WaitingForAMessageEnds) {
  const auto opened = open();
  ASSERT_TRUE(opened && opened->socket);
  EXPECT_EQ(opened->socket->receive(std::chrono::milliseconds{1}).value(), std::nullopt);
  ASSERT_TRUE(opened->socket->send("one", kLong));
  EXPECT_EQ(opened->socket->receive(kLong).value(), "one");
}

TEST_F(WebSocketTest, AMessageAboveTheLimitEndsItsSocket) {
  const auto opened = open();
  ASSERT_TRUE(opened && opened->socket);
  ASSERT_TRUE(opened->socket->send(std::string(100'001, 'x'), kLong));
  EXPECT_FALSE(opened->socket->receive(kLong));
  EXPECT_EQ(opened->socket->close_code(), 1009);
}

// Who reads it says what it is (docs/protocol.md); closing would take what came before with it.
TEST_F(WebSocketTest, ATextThatIsNoUtf8ComesHoweverItIsCut) {
  const auto masked = [](int head, std::string_view text) {
    std::string frame{static_cast<char>(head)};
    if (text.size() < 126) {
      frame += static_cast<char>(0x80 | text.size());
    } else {
      frame += {static_cast<char>(0x80 | 126), static_cast<char>(text.size() >> 8),
                static_cast<char>(text.size() & 0xff)};
    }
    return frame + std::string(4, '\0') + std::string(text);
  };
  constexpr int kFinal = 0x80, kText = 1, kPing = 9;
  const std::string longer = std::string(300, 'x') + "\xFF", good = "\xC3\xBC";
  const std::string frames = masked(kFinal | kText, "\xFF") + masked(kText, "\xC3") +
                             masked(kFinal | kPing, "\x81\x81") + masked(kFinal, "(") +
                             masked(kFinal | kText, longer) + masked(kFinal | kText, "") +
                             masked(kFinal | kText, good);
  const std::string again = text_frame("again");
  const std::string expected = text_frame("\xFF") + again + "\x8A\x02\x81\x81" + text_frame("\xC3(") + again +
                               text_frame(longer) + again + text_frame("") + again + text_frame(good) + again;
  for (const std::size_t bytes_a_time : {std::size_t{1}, std::size_t{3}, frames.size()}) {
    const Socket peer = Socket::connected_to(server_->port());
    const int at_once = 1;
    ASSERT_EQ(::setsockopt(peer.descriptor(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once), 0);
    ASSERT_TRUE(
        peer.send("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    ASSERT_TRUE(peer.receive_until("\r\n\r\n").contains(" 101 "));
    for (std::size_t at = 0; at < frames.size(); at += bytes_a_time) {
      ASSERT_TRUE(peer.send(std::string_view(frames).substr(at, bytes_a_time)));
    }
    EXPECT_EQ(peer.receive_until(text_frame(good) + again), expected) << bytes_a_time;
  }
}

TEST_F(WebSocketTest, TheCloseCodeArrives) {
  const auto opened = open();
  ASSERT_TRUE(opened && opened->socket);
  ASSERT_TRUE(opened->socket->send("close", kLong));
  EXPECT_FALSE(opened->socket->receive(kLong));
  EXPECT_EQ(opened->socket->close_code(), 4001);
}

// What answers would take is not kept for it: it is not read from until it reads.
TEST_F(WebSocketTest, WhoPingsAndDoesNotReadIsMadeToWaitAndThenGetsEveryPong) {
  constexpr std::size_t kFarBeyondTheKernelsBuffers = 64U << 20;
  constexpr std::size_t kPongBytes = 127;
  const std::string ping = "\x89\xfd" + std::string(4, '\0') + std::string(125, 'x');  // masked with zeros
  const Socket peer = Socket::connected_to(server_->port());
  ASSERT_TRUE(
      peer.send("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
  ASSERT_TRUE(peer.receive_until("\r\n\r\n").contains(" 101 "));
  const timeval standing_still{.tv_sec = 1, .tv_usec = 0};
  ASSERT_EQ(::setsockopt(peer.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &standing_still, sizeof standing_still),
            0);
  std::string many;
  while (many.size() < 1'000 * ping.size()) many += ping;
  std::size_t sent = 0;
  while (sent < kFarBeyondTheKernelsBuffers) {
    const std::string_view rest = std::string_view(many).substr(sent % ping.size());
    const auto taken = ::send(peer.descriptor(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (taken <= 0) break;
    sent += static_cast<std::size_t>(taken);
  }
  EXPECT_LT(sent, kFarBeyondTheKernelsBuffers);
  std::string bytes(64U << 10, '\0');
  std::size_t left = sent / ping.size() * kPongBytes;
  while (left > 0) {
    const auto came = ::recv(peer.descriptor(), bytes.data(), std::min(left, bytes.size()), 0);
    ASSERT_GT(came, 0) << left << " bytes of pongs are missing";
    left -= static_cast<std::size_t>(came);
  }
}

TEST_F(WebSocketTest, AServerThatDoesNotUpgradeSaysWhy) {
  const auto opened = open("/elsewhere");
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->socket, nullptr);
  EXPECT_EQ(opened->status, 404);
}

TEST_F(WebSocketTest, WithoutAnUpgradeThePathAnswers426) {
  const auto client = make_http_client();
  HttpRequest request;
  request.url = fmt::format("http://127.0.0.1:{}/ws", server_->port());
  const auto answer = client->send(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 426);
  const std::string* upgrade = answer->header("Upgrade");
  ASSERT_NE(upgrade, nullptr);
  EXPECT_EQ(*upgrade, "websocket");
}

TEST_F(WebSocketTest, NothingLeavesTheMachineUnencrypted) {
  EXPECT_EQ(open_web_socket({.url = "ws://hub.example.org/ws"}).error().kind, ErrorKind::usage);
  EXPECT_EQ(open_web_socket({.url = "http://127.0.0.1/ws"}).error().kind, ErrorKind::usage);
}

class WriteQueueTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0);
    queue_ = std::make_unique<WriteQueue>(ends_[0], [this] { ++waits_; });
  }
  void TearDown() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }

  // Fills the kernel's buffer, so that the last frames wait.
  Frames fill() {
    Frames last;
    for (;;) {
      last = std::make_shared<const std::string>(text_frame(std::string(70'000, 'a')) +
                                                 text_frame(std::string(100, 'b')));
      if (!queue_->send(last)) return last;
    }
  }

  std::string read_all() {
    std::string all;
    char buffer[65'536];
    for (;;) {
      const ssize_t bytes = ::recv(ends_[1], buffer, sizeof buffer, MSG_DONTWAIT);
      if (bytes > 0) {
        all.append(buffer, static_cast<std::size_t>(bytes));
      } else if (queue_->flush() && bytes <= 0 && ::recv(ends_[1], buffer, 1, MSG_DONTWAIT | MSG_PEEK) <= 0) {
        return all;
      }
    }
  }

  int ends_[2] = {-1, -1};
  int waits_ = 0;
  std::unique_ptr<WriteQueue> queue_;
};

TEST_F(WriteQueueTest, WhatWaitsIsWrittenInItsOrder) {
  const Frames last = fill();
  EXPECT_EQ(waits_, 1);
  queue_->send(std::make_shared<const std::string>(text_frame("the end")));
  EXPECT_EQ(waits_, 1);
  const std::string all = read_all();
  EXPECT_TRUE(all.ends_with(*last + text_frame("the end")));
  EXPECT_EQ((all.size() - text_frame("the end").size()) % last->size(), 0U);
}

TEST_F(WriteQueueTest, WhatIsAbandonedEndsWithAWholeFrame) {
  const Frames last = fill();
  const Frames more = std::make_shared<const std::string>(text_frame("never seen"));
  queue_->send(more);
  EXPECT_EQ(queue_->abandon(more), 0U);
  queue_->send(std::make_shared<const std::string>(text_frame("the end")));
  const std::string all = read_all();
  const std::size_t frame = text_frame(std::string(70'000, 'a')).size();
  const std::size_t before = (all.size() - text_frame("the end").size()) % last->size();
  EXPECT_TRUE(before == 0 || before == frame) << before;
  EXPECT_TRUE(all.ends_with(text_frame("the end")));
}

TEST_F(WriteQueueTest, ABrokenConnectionTakesNothingAndWaitsForNothing) {
  ::shutdown(ends_[1], SHUT_RD);
  ::shutdown(ends_[0], SHUT_WR);
  EXPECT_TRUE(queue_->send(std::make_shared<const std::string>(text_frame("lost"))));
  EXPECT_TRUE(queue_->failed());
}

}  // namespace
}  // namespace pawprint::net
