#include "net/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <vector>

#include "base/format.h"
#include "net/served_for_test.h"

namespace pawprint::net {
namespace {

constexpr std::string_view kTooLarge = R"({"error":"the body has more bytes than this path takes"})";

using HttpServerTest = Served;

TEST_F(HttpServerTest, ARequestReachesTheHandlerAndItsAnswerTheClient) {
  serve({});
  HttpRequest request = post("body");
  request.headers = {{"X-Ask", "me"}};
  const auto answer = send(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "body");
  EXPECT_EQ(*answer->header("X-Method"), "POST");
  EXPECT_EQ(*answer->header("X-Target"), "/path?q=1");
  EXPECT_EQ(*answer->header("X-Asked"), "me");
}

TEST_F(HttpServerTest, TheLimitItselfIsServedAndOneByteMoreIs413OnTheSameConnection) {
  serve({.max_body_bytes = 100'000});
  const auto full = send(post(std::string(100'000, 'a')));
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ(full->status, 200);
  const auto over = send(post(std::string(100'001, 'a')));
  ASSERT_TRUE(over) << over.error().message;
  EXPECT_EQ(over->status, 413);
  EXPECT_EQ(over->body, kTooLarge);
  EXPECT_EQ(over->header("Connection"), nullptr);
  EXPECT_EQ(send(post("after"))->body, "after");
}

TEST_F(HttpServerTest, ABodyFarAboveTheLimitIsAnsweredAndTheServerStillServes) {
  serve({.max_body_bytes = 1000});
  const auto over = send(post(std::string((16U << 20) + 1, 'a')));
  ASSERT_TRUE(over) << over.error().message;
  EXPECT_EQ(over->status, 413);
  EXPECT_EQ(send(post("after"))->body, "after");
}

constexpr std::string_view kChunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view kSixteenInChunks = "8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n";
constexpr std::string_view kGetAndEnd = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

TEST_F(HttpServerTest, AChunkedBodyIsHeldToTheLimitTooOnTheSameConnection) {
  serve({.max_body_bytes = 15});
  const Socket socket = raw();
  socket.send(std::string(kChunked) + "7\r\n1234567\r\n8\r\n12345678\r\n0\r\n\r\n");
  EXPECT_TRUE(socket.receive_until("123456712345678").starts_with("HTTP/1.1 200 "));
  socket.send(kChunked);
  socket.send(kSixteenInChunks);
  EXPECT_TRUE(socket.receive_until(kTooLarge).starts_with("HTTP/1.1 413 "));
  socket.send(kGetAndEnd);
  EXPECT_TRUE(socket.receive_all().starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, AChunkedBodyThatNobodyWantsLeavesTheConnectionUsable) {
  serve({}, [](const ServerRequest&) { return Admission{.answer = ServerAnswer{401, {}, "who are you"}}; });
  const Socket socket = raw();
  for (int i = 0; i < 2; ++i) {
    socket.send(std::string(kChunked) + std::string(kSixteenInChunks));
    EXPECT_TRUE(socket.receive_until("who are you").starts_with("HTTP/1.1 401 ")) << i;
  }
  socket.send(std::string(kChunked) + "no length\r\n");
  const std::string answer = socket.receive_until("who are you");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 401 ") && answer.contains("Connection: close\r\n")) << answer;
}

TEST_F(HttpServerTest, AChunkedBodyThatDoesNotEndIsAnsweredAndEndsItsConnection) {
  serve({.max_body_bytes = 10, .body_timeout = milliseconds(100)});
  std::string endless;
  for (int i = 0; i < 17; ++i) endless += "100000\r\n" + std::string(1U << 20, 'a') + "\r\n";
  for (const std::string& rest : {std::string("8\r\n"), endless}) {
    const Socket socket = raw();
    socket.send(std::string(kChunked) + "B\r\n12345678901\r\n");
    socket.send(rest);
    const std::string answer = socket.receive_until(kTooLarge);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ") && answer.contains("Connection: close\r\n")) << answer;
  }
}

// Sends `bytes` again and again, at most 2 MiB in all, and says what came back.
std::string answer_to_endless(const Socket& socket, std::string_view begin, const std::string& bytes) {
  bool open = socket.send(begin);
  for (std::size_t sent = 0; open && sent < 2U << 20; sent += bytes.size()) open = socket.send(bytes);
  ::shutdown(socket.descriptor(), SHUT_WR);
  return socket.receive_until("\r\n");
}

TEST_F(HttpServerTest, AnEndlessChunkExtensionIsRefusedBeforeItFillsTheMemory) {
  serve({});
  const std::string begin = std::string(kChunked) + "1;x=";
  EXPECT_EQ(answer_to_endless(raw(), begin, std::string(4096, 'e')),
            "HTTP/1.1 431 Request Header Fields Too Large\r\n");
}

TEST_F(HttpServerTest, EndlessTrailersAreRefusedBeforeTheyFillTheMemory) {
  serve({});
  const std::string begin = std::string(kChunked) + "1\r\na\r\n0\r\n";
  EXPECT_EQ(answer_to_endless(raw(), begin, "X-Trailer: " + std::string(4096, 't') + "\r\n"),
            "HTTP/1.1 431 Request Header Fields Too Large\r\n");
  // Also on a connection that has served a request before.
  const Socket second = raw();
  second.send(kGet);
  second.receive_until("\r\n\r\n");
  EXPECT_EQ(answer_to_endless(second, begin, "X-Trailer: " + std::string(4096, 't') + "\r\n"),
            "HTTP/1.1 431 Request Header Fields Too Large\r\n");
}

TEST_F(HttpServerTest, ARefusedBodyIsAnsweredByWhatItsOwnHeaderSays) {
  serve({.max_body_bytes = 10});
  const Socket socket = raw();
  socket.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.receive_until("\r\n\r\n");
  socket.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n12345678901");
  EXPECT_TRUE(socket.receive_until("\r\n\r\n").starts_with("HTTP/1.1 413 "));
  socket.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string rest = socket.receive_all();
  EXPECT_TRUE(rest.starts_with(std::string(kTooLarge) + "HTTP/1.1 200 OK\r\n")) << rest;
}

TEST_F(HttpServerTest, ARefusedBodyEndsAConnectionThatWasToEnd) {
  serve({.max_body_bytes = 10, .idle_timeout = seconds(3600)});
  const Socket socket = raw();
  socket.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 11\r\n\r\n12345678901");
  const std::string answer = socket.receive_all();
  EXPECT_TRUE(answer.contains("Connection: close\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with(kTooLarge)) << answer;
}

TEST_F(HttpServerTest, HeadGetsTheHeadersAlone) {
  serve({}, [](const ServerRequest&) { return Admission{.answer = ServerAnswer{200, {}, "twelve bytes"}}; });
  HttpRequest request = post("");
  request.method = "HEAD";
  const auto answer = send(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(*answer->header("Content-Length"), "12");
  request.method = "GET";
  EXPECT_EQ(send(request)->body, "twelve bytes");
}

TEST_F(HttpServerTest, AClientThatAsksFirstIsToldToContinueOrThatItIsTooMuch) {
  serve({.max_body_bytes = 10});
  const Socket small = raw();
  small.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(small.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  small.send("body");
  EXPECT_TRUE(small.receive_until("body").starts_with("HTTP/1.1 200 OK\r\n"));
  const Socket large = raw();
  large.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  EXPECT_TRUE(large.receive_all().starts_with("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, RequestsSentTogetherAreAnsweredInOrder) {
  serve({});
  const Socket socket = raw();
  socket.send(
      "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
      "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntwo");
  const std::string both = socket.receive_all();
  EXPECT_LT(both.find("one"), both.find("two"));
  EXPECT_TRUE(both.ends_with("two"));
}

TEST_F(HttpServerTest, GarbageGets400AndHarmsNobody) {
  serve({});
  const Socket socket = raw();
  socket.send("\x16\x03\x01 this is no HTTP at all\r\n\r\n");
  EXPECT_TRUE(socket.receive_all().starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(send(post("still here"))->body, "still here");
}

TEST_F(HttpServerTest, AHeaderWithoutEndGets431) {
  serve({});
  const Socket socket = raw();
  socket.send("GET / HTTP/1.1\r\nX-Long: " + std::string(64U << 10, 'h'));
  EXPECT_TRUE(socket.receive_all().starts_with("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, ABodyIsNeverAskedForWhenTheHeadAloneIsRefused) {
  serve({}, [](const ServerRequest&) { return Admission{.answer = ServerAnswer{401, {}, "who are you"}}; });
  const Socket asks = raw();
  asks.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_TRUE(asks.receive_all().starts_with("HTTP/1.1 401 "));
  const auto first = send(post(std::string(100'000, 'a')));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->status, 401);
  EXPECT_EQ(first->header("Connection"), nullptr);  // the next request may use it
}

TEST_F(HttpServerTest, ARouteMayTakeLessThanTheServer) {
  serve({}, [](const ServerRequest& head) {
    Admission admission = echo(head);
    admission.max_body_bytes = 4;
    return admission;
  });
  EXPECT_EQ(send(post("four"))->status, 200);
  EXPECT_EQ(send(post("fiver"))->status, 413);
}

TEST_F(HttpServerTest, AnswersThatNobodyReadsAreNotMadeWithoutEnd) {
  constexpr std::size_t kBytes = 32U << 20;  // far more than the kernel takes
  serve({.max_answer_bytes_in_flight = kBytes + 100}, [](const ServerRequest& head) {
    return Admission{.answer = ServerAnswer{200, {}, std::string(head.target == "/short" ? 9 : kBytes, 'a')}};
  });
  const auto asked = [&](const std::string& path) {
    Socket socket = raw();
    socket.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    return socket;
  };
  const Socket holds = asked("/long");
  EXPECT_EQ(holds.receive_until("\r\n"), "HTTP/1.1 200 OK\r\n");
  const std::string refused = asked("/long").receive_all().substr(0, 1000);
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ") && refused.contains("Retry-After: 1\r\n")) << refused;
  EXPECT_TRUE(asked("/short").receive_all().starts_with("HTTP/1.1 200 "));
  EXPECT_GT(holds.receive_all().size(), kBytes);
  EXPECT_GT(asked("/long").receive_all().size(), kBytes);
}

TEST_F(HttpServerTest, ABodyThatDoesNotComeGets408) {
  serve({.body_timeout = milliseconds(100)});
  const Socket socket = raw();
  socket.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nb");
  EXPECT_TRUE(socket.receive_all().starts_with("HTTP/1.1 408 "));
}

TEST_F(HttpServerTest, ABodyThatDoesNotComeTakesNoAnswerAwayThatWasDecidedWithoutIt) {
  serve({.body_timeout = milliseconds(100)},
        [](const ServerRequest&) { return Admission{.answer = ServerAnswer{401, {}, "who are you"}}; });
  const Socket socket = raw();
  socket.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\nb");
  const std::string answer = socket.receive_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 401 ")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
}

TEST_F(HttpServerTest, AnIdleConnectionIsClosed) {
  serve({.header_timeout = milliseconds(100), .idle_timeout = milliseconds(100)});
  const Socket silent = raw();
  EXPECT_EQ(silent.receive_all(), "");
  const Socket idle = raw();
  idle.send(kGet);
  EXPECT_TRUE(idle.receive_all().starts_with("HTTP/1.1 200 OK"));
}

TEST_F(HttpServerTest, AClientThatGoesAwayAtAnyByteHarmsNobody) {
  serve({});
  const std::string whole = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    raw().send(whole.substr(0, length));
  }
  EXPECT_EQ(send(post("still here"))->body, "still here");
}

TEST_F(HttpServerTest, WhatNoHandlerAnswersIsToldWithAllThatIsKnownOfIt) {
  std::mutex mutex;
  std::vector<std::string> told;
  const auto told_so_far = [&] {
    const std::scoped_lock lock(mutex);
    return told;
  };
  ServerOptions options{.max_body_bytes = 10, .body_timeout = milliseconds(100)};
  options.unserved = [&](const Unserved& request) {
    EXPECT_EQ(request.head.remote_address, "127.0.0.1");
    const std::scoped_lock lock(mutex);
    told.push_back(fmt::format("{} {} {}", request.status, request.head.method, request.head.target));
    return ServerAnswer{request.status, {}, fmt::format("answer {}", told.size())};
  };
  serve(options, [](const ServerRequest& head) -> Admission {
    if (head.target == "/thrown") throw std::bad_alloc();
    return echo(head);
  });
  const auto answer_to = [&](std::string_view request) {
    const Socket socket = raw();
    socket.send(request);
    return socket.receive_until(fmt::format("answer {}", told_so_far().size() + 1)).substr(9, 3);
  };
  EXPECT_EQ(answer_to("this is no request\r\n\r\n"), "400");
  EXPECT_EQ(answer_to("GET /wide HTTP/1.1\r\nX: " + std::string(40'000, 'x')), "431");
  EXPECT_EQ(answer_to("PUT /sure HTTP/1.1\r\nHost: x\r\nExpect: the-best\r\n\r\n"), "417");
  EXPECT_EQ(answer_to("PUT /late HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1"), "408");
  EXPECT_EQ(answer_to("PUT /long HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "B\r\n12345678901\r\n0\r\n\r\n"),
            "413");
  EXPECT_EQ(answer_to("GET /thrown HTTP/1.1\r\nHost: x\r\n\r\n"), "503");
  EXPECT_EQ(told_so_far(), (std::vector<std::string>{"400  ", "431 GET /wide", "417 PUT /sure",
                                                     "408 PUT /late", "413 PUT /long", "503 GET /thrown"}));
}

TEST_F(HttpServerTest, StoppingLetsARequestUnderWayFinish) {
  std::promise<void> entered;
  std::promise<void> release;
  serve({}, handled([&] {
          entered.set_value();
          release.get_future().wait();
        }));
  const Socket idle = raw();
  const Socket busy = raw();
  busy.send(kGet);
  entered.get_future().wait();
  std::thread stopper([&] { server_->stop(seconds(30)); });
  EXPECT_EQ(idle.receive_all(), "");  // closed at once
  release.set_value();
  const std::string answer = busy.receive_all();
  EXPECT_TRUE(answer.contains("Connection: close")) << answer;
  EXPECT_TRUE(answer.ends_with("done")) << answer;
  ::shutdown(busy.descriptor(), SHUT_RDWR);
  stopper.join();
  server_->stop(seconds(0));  // again: nothing happens
}

TEST_F(HttpServerTest, StoppingEndsThoughSomebodyConnectsAtThatMoment) {
  for (int round = 0; round < 300; ++round) {
    serve({});
    const std::uint16_t port = server_->port();
    std::atomic<int> connected = 0;
    std::vector<std::jthread> clients;
    for (int client = 0; client < 3; ++client) {
      clients.emplace_back([&] {
        while (Socket::could_connect_to(port)) ++connected;
      });
    }
    while (connected < 10) std::this_thread::yield();
    server_.reset();
  }
}

TEST_F(HttpServerTest, ManyClientsAtOnceAllGetTheirOwnAnswer) {
  serve({});
  std::vector<std::thread> clients;
  std::atomic<int> right = 0;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([this, c, &right] {
      const auto client = make_http_client();
      for (int i = 0; i < 25; ++i) {
        const std::string body = std::to_string(c) + ":" + std::to_string(i);
        const auto answer = client->send(post(body));
        right += answer && answer->body == body ? 1 : 0;
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_EQ(right, 200);
}

TEST_F(HttpServerTest, APortThatIsTakenIsAnErrorThatNamesIt) {
  serve({});
  const auto second = start_http_server({.port = server_->port()}, echo);
  ASSERT_FALSE(second);
  EXPECT_TRUE(second.error().message.contains(std::to_string(server_->port()))) << second.error().message;
  EXPECT_FALSE(start_http_server({.address = "not-an-address"}, echo));
}

}  // namespace
}  // namespace pawprint::net
