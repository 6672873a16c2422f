#include "net/request_head.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "net/scripted_peer_for_test.h"

namespace pawprint::net {
namespace {

class RequestHeadTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = start_http_server({}, [](const ServerRequest& head) {
      const std::string* host = head.header("Host");
      const std::string seen =
          fmt::format("{} {} {}", head.target, host == nullptr ? "none" : *host, head.asks_for_web_socket);
      return Admission{.with_body =
                           [seen](const std::string& body) {
                             return ServerAnswer{200, {}, fmt::format("{} [{}]", seen, body)};
                           },
                       .max_body_bytes = 1000};
    });
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }

  // All that comes for these bytes, behind which the client says no more.
  std::string answers_to(std::string_view bytes) const {
    const Socket socket = Socket::connected_to(server_->port());
    socket.send(bytes);
    ::shutdown(socket.descriptor(), SHUT_WR);
    return socket.receive_all();
  }
  // The last word of a status line and the body: "200 ..." of the only answer.
  std::string told(std::string_view bytes) const {
    const std::string all = answers_to(bytes);
    EXPECT_EQ(all.find("HTTP/1.1 "), 0U) << all;
    EXPECT_EQ(all.find("HTTP/1.1 ", 1), std::string::npos) << "two answers to one request: " << all;
    return all.size() < 12 ? all : all.substr(9, 4) + all.substr(all.find("\r\n\r\n") + 4);
  }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(RequestHeadTest, ExactlyOneHostIsWanted) {
  EXPECT_EQ(told("GET /a HTTP/1.1\r\nHost: one\r\n\r\n"), "200 /a one false []");
  EXPECT_TRUE(told("GET /a HTTP/1.1\r\n\r\n").starts_with("400 "));
  EXPECT_TRUE(told("GET /a HTTP/1.1\r\nHost: one\r\nHost: two\r\n\r\n").starts_with("400 "));
  EXPECT_TRUE(told("GET /a HTTP/1.1\r\nHost: one\r\nHost: one\r\n\r\n").starts_with("400 "));
  EXPECT_EQ(told("GET /a HTTP/1.0\r\n\r\n"), "200 /a none false []");
}

// Whoever stands before the server may have looked at the other one.
TEST_F(RequestHeadTest, AtMostOneAuthorizationIsTaken) {
  EXPECT_TRUE(told("GET /a HTTP/1.1\r\nHost: one\r\nAuthorization: Bearer a\r\n\r\n").starts_with("200 "));
  EXPECT_TRUE(
      told("GET /a HTTP/1.1\r\nHost: one\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n")
          .starts_with("400 "));
}

TEST_F(RequestHeadTest, ABodyInACodingThatIsNotKnownIsNeitherTakenNorReadAsARequest) {
  const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string chunk = fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", hidden.size(), hidden);
  for (const char* coding :
       {"gzip, chunked", "gzip", "chunked, gzip", "identity", "chunked, chunked", "xchunked"}) {
    const std::string head =
        fmt::format("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {}\r\n\r\n", coding);
    EXPECT_TRUE(told(head + hidden).starts_with("501 ")) << coding;
    EXPECT_TRUE(told(head + chunk).starts_with("501 ")) << coding;
  }
  const std::string twice =
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_TRUE(told(twice + chunk).starts_with("501 "));
  EXPECT_EQ(told("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n" + chunk),
            fmt::format("200 /a x false [{}]", hidden));
}

TEST_F(RequestHeadTest, ALengthBesideACodingIsRefused) {
  for (const char* headers :
       {"Content-Length: 3\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Content-Length: 3\r\nContent-Length: 4", "Content-Length: 3, 3"}) {
    const std::string all = told(fmt::format("POST /a HTTP/1.1\r\nHost: x\r\n{}\r\n\r\n0\r\n\r\n", headers));
    EXPECT_TRUE(all.starts_with("400 ")) << headers << all;
  }
}

TEST_F(RequestHeadTest, ACodingInAnOlderRequestIsRefused) {
  EXPECT_TRUE(told("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").starts_with("400 "));
}

TEST_F(RequestHeadTest, ATargetOfTheAbsoluteFormIsServedAsItsPath) {
  const auto get = [&](std::string_view target) {
    return told(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", target));
  };
  EXPECT_EQ(get("http://hub.test:8443/a/b?c=d"), "200 /a/b?c=d hub.test:8443 false []");
  EXPECT_EQ(get("HTTPS://hub.test"), "200 / hub.test false []");
  EXPECT_EQ(get("http://hub.test?c"), "200 /?c hub.test false []");
  EXPECT_EQ(get("/http://elsewhere/a"), "200 /http://elsewhere/a x false []");
  EXPECT_EQ(get("ftp://hub.test/a"), "200 ftp://hub.test/a x false []");
}

TEST_F(RequestHeadTest, AnUpgradeIsAskedForWithAllThatItTakes) {
  const std::string whole =
      "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  EXPECT_EQ(told(whole), "200 /ws x true []");
  for (const std::string_view part :
       {"GET", "HTTP/1.1", ", Upgrade", "WebSocket\r\n", "13\r\n", "nonce", "n25jZQ"}) {
    std::string broken = whole;
    if (const auto at = broken.find(part); at != std::string::npos) {
      broken.replace(at, part.size(),
                     part == "GET"          ? "PUT"
                     : part == "HTTP/1.1"   ? "HTTP/1.0"
                     : part.ends_with('\n') ? "8\r\n"
                                            : "");
    } else {
      continue;
    }
    EXPECT_EQ(told(broken), "200 /ws x false []") << broken;
  }
  EXPECT_EQ(told("GET /ws HTTP/1.1\r\nContent-Length: 2\r\n" + whole.substr(whole.find("Host")) + "ab"),
            "200 /ws x false [ab]");
}

}  // namespace
}  // namespace pawprint::net
