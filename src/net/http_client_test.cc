#include "net/http_client.h"

#include <gtest/gtest.h>

#include "net/scripted_peer_for_test.h"

namespace pawprint::net {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kEnd = "\r\n\r\n";
constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: 1\r\n\r\nhello";

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

void expect_unreachable(const Result<HttpAnswer>& answer) {
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unreachable) << answer.error().message;
}

TEST(HttpClient, AnAnswerIsReadWithItsHeadersInAnyCase) {
  const ScriptedPeer peer([](const Listener& listener) {
    const Socket socket = listener.accept();
    socket.receive_until(kEnd);
    socket.send(kHello);
  });
  const auto answer = make_http_client()->send(get(peer.url("/a")));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  ASSERT_NE(answer->header("x-oNe"), nullptr);
  EXPECT_EQ(*answer->header("x-oNe"), "1");
  EXPECT_EQ(answer->header("X-Two"), nullptr);
}

TEST(HttpClient, ARequestArrivesAsItWasGiven) {
  std::string seen;
  {
    const ScriptedPeer peer([&seen](const Listener& listener) {
      const Socket socket = listener.accept();
      seen = socket.receive_until("body!");
      socket.send(kHello);
    });
    HttpRequest request = get(peer.url("/path?x=1"));
    request.method = "POST";
    request.headers = {{"Authorization", "Bearer t"}};
    request.body = "the body!";
    ASSERT_TRUE(make_http_client()->send(request));
  }
  EXPECT_TRUE(seen.starts_with("POST /path?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")) << seen;
  EXPECT_TRUE(seen.contains("\r\nAuthorization: Bearer t\r\n")) << seen;
  EXPECT_TRUE(seen.contains("\r\nContent-Length: 9\r\n")) << seen;
}

TEST(HttpClient, AnInterruptionEndsAnExchangeWithASilentServer) {
  const ScriptedPeer peer([](const Listener& listener) {
    const Socket socket = listener.accept();
    socket.receive_all();  // and never an answer; ends when the client gives up
  });
  const std::atomic<bool> interrupted{true};
  HttpRequest request = get(peer.url("/"));
  request.timeout = std::chrono::hours(1);
  const auto answer = make_http_client(&interrupted)->send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::interrupted);
}

TEST(HttpClient, AnAnswerThatComesAtOnceIsTakenInSpiteOfAnInterruption) {
  const ScriptedPeer peer([](const Listener& listener) {
    const Socket socket = listener.accept();
    socket.receive_until(kEnd);
    socket.send(kHello);
  });
  const std::atomic<bool> interrupted{true};
  EXPECT_TRUE(make_http_client(&interrupted)->send(get(peer.url("/"))));
}

TEST(HttpClient, OneConnectionServesSeveralRequests) {
  const ScriptedPeer peer([](const Listener& listener) {
    const Socket socket = listener.accept();
    for (int i = 0; i < 3; ++i) {
      socket.receive_until(kEnd);
      socket.send(kHello);
    }
  });
  const auto client = make_http_client();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client->send(get(peer.url("/"))));
  }
}

TEST(HttpClient, AnAnswerWithAChunkExtensionWithoutMeasureIsNotTakenIn) {
  const ScriptedPeer peer([](const Listener& listener) {
    const Socket socket = listener.accept();
    socket.receive_until(kEnd);
    socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=");
    socket.send(std::string(2U << 20, 'e'));
    socket.send("\r\na\r\n0\r\n\r\n");
  });
  expect_unreachable(make_http_client()->send(get(peer.url("/"))));
}

TEST(HttpClient, AConnectionThatWasClosedWhileIdleIsReplacedOnce) {
  const ScriptedPeer peer([](const Listener& listener) {
    for (int i = 0; i < 2; ++i) {
      const Socket socket = listener.accept();
      socket.receive_until(kEnd);
      socket.send(kHello);
    }
  });
  const auto client = make_http_client();
  ASSERT_TRUE(client->send(get(peer.url("/"))));
  const auto second = client->send(get(peer.url("/")));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->body, "hello");
}

TEST(HttpClient, AnAnswerBrokenOffOnAReusedConnectionIsNotAskedForAgain) {
  int requests = 0;
  {
    const ScriptedPeer peer([&requests](const Listener& listener) {
      const Socket socket = listener.accept();
      socket.receive_until(kEnd);
      socket.send(kHello);
      socket.receive_until(kEnd);
      requests = 2;
      socket.send("HTTP/1.1 200 OK\r\nContent-Le");
    });
    const auto client = make_http_client();
    ASSERT_TRUE(client->send(get(peer.url("/"))));
    expect_unreachable(client->send(get(peer.url("/"))));
  }
  EXPECT_EQ(requests, 2);
}

TEST(HttpClient, AnAnswerCutAtEveryByteIsNoAnswer) {
  const auto client = make_http_client();
  for (std::size_t length = 0; length < kHello.size(); ++length) {
    const ScriptedPeer peer([length](const Listener& listener) {
      const Socket socket = listener.accept();
      socket.receive_until(kEnd);
      socket.send(kHello.substr(0, length));
    });
    expect_unreachable(client->send(get(peer.url("/"))));
  }
}

TEST(HttpClient, AServerThatNeverAnswersEndsWithTheTimeout) {
  const Listener listener;  // the kernel connects; nobody accepts
  HttpRequest request = get(listener.url("/"));
  request.timeout = milliseconds(200);
  const auto client = make_http_client();
  expect_unreachable(client->send(request));
  expect_unreachable(client->send(request));
}

TEST(HttpClient, AServerThatStopsInTheMiddleEndsWithTheTimeout) {
  const Listener listener;
  HttpRequest request = get(listener.url("/"));
  request.timeout = milliseconds(200);
  const ScriptedPeer peer([&listener](const Listener&) {
    const Socket socket = listener.accept();
    socket.receive_until(kEnd);
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    socket.receive_all();  // until the client has given up
  });
  expect_unreachable(make_http_client()->send(request));
}

TEST(HttpClient, ABodyThatNobodyReadsEndsWithTheTimeout) {
  const Listener listener;
  HttpRequest request = get(listener.url("/"));
  request.method = "POST";
  request.body.assign(32U << 20, 'x');
  request.timeout = milliseconds(200);
  expect_unreachable(make_http_client()->send(request));
}

TEST(HttpClient, ARefusedConnectionIsUnreachable) {
  std::string url;
  {
    const Listener closed;
    url = closed.url("/");
  }
  const auto answer = make_http_client()->send(get(url));
  expect_unreachable(answer);
  EXPECT_TRUE(answer.error().message.contains("Connection refused")) << answer.error().message;
}

TEST(HttpClient, AnAnswerAboveTheLimitIsNotTaken) {
  const ScriptedPeer peer([](const Listener& listener) {
    const Socket socket = listener.accept();
    socket.receive_until(kEnd);
    socket.send(kHello);
  });
  HttpRequest request = get(peer.url("/"));
  request.max_answer_bytes = 4;
  expect_unreachable(make_http_client()->send(request));
}

TEST(HttpClient, WhatIsNotHttpIsUnreachable) {
  const ScriptedPeer peer([](const Listener& listener) {
    const Socket socket = listener.accept();
    socket.receive_until(kEnd);
    socket.send("220 mail.example.org ESMTP\r\n\r\n");
  });
  expect_unreachable(make_http_client()->send(get(peer.url("/"))));
}

TEST(HttpClient, ARedirectIsAnAnswerAndIsNotFollowed) {
  const ScriptedPeer peer([](const Listener& listener) {
    const Socket socket = listener.accept();
    socket.receive_until(kEnd);
    socket.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  });
  const auto answer = make_http_client()->send(get(peer.url("/")));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
}

TEST(HttpClient, PlainHttpToOtherMachinesIsAUsageError) {
  for (const char* url : {"http://192.0.2.1/", "nonsense"}) {
    const auto refused = make_http_client()->send(get(url));
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage) << url;
  }
}

TEST(HttpClient, AHeaderCannotSmuggleAnother) {
  HttpRequest request = get("http://127.0.0.1:1/");
  request.headers = {{"X-A", "b\r\nX-C: d"}};
  const auto refused = make_http_client()->send(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace pawprint::net
