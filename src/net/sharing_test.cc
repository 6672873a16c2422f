// What requests share: connections, threads and memory, and that no account takes what others need.
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>
#include <vector>

#include "net/crew.h"
#include "net/served_for_test.h"

namespace pawprint::net {
namespace {

// What the head calls the account.
Admission echo_on_account(const ServerRequest& head) {
  Admission admission = echo(head);
  const std::string* account = head.header("X-Account");
  if (account != nullptr) admission.account = *account;
  return admission;
}

class SharingTest : public Served {
 protected:
  HttpRequest post_on(const std::string& account, std::string body) const {
    HttpRequest request = post(std::move(body));
    request.headers = {{"X-Account", account}};
    return request;
  }

  // A request whose body has come but for its last byte.
  Socket almost_whole(const std::string& account, std::size_t bytes) {
    Socket socket = raw();
    socket.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nX-Account: " + account +
                "\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n");
    EXPECT_EQ(socket.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    socket.send(std::string(bytes - 1, 'h'));
    EXPECT_EQ(send(post_on("nobody", {}))->status, 200);  // the server is past what came before
    return socket;
  }
};

TEST_F(SharingTest, AboveTheMemoryMarkABodyIsTurnedAway) {
  serve({.max_body_bytes_in_flight = 100});
  const Socket holds = almost_whole("a", 80);
  const auto refused = send(post(std::string(22, 'a')));
  ASSERT_TRUE(refused && refused->status == 503);
  EXPECT_EQ(*refused->header("Retry-After"), "1");
  EXPECT_EQ(refused->header("Connection"), nullptr);  // the next request may use it
  EXPECT_EQ(send(post(std::string(21, 'a')))->status, 200);
  holds.send("h");
  EXPECT_TRUE(holds.receive_until("hhhh").starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(send(post(std::string(100, 'a')))->status, 200);
}

TEST_F(SharingTest, WhatAHeadTellsOfABodyThatDoesNotComeTakesNothing) {
  serve({.max_body_bytes_in_flight = 100});
  std::vector<Socket> tell;
  for (int i = 0; i < 4; ++i) {
    tell.push_back(raw());
    tell.back().send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n");
    EXPECT_EQ(tell.back().receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  }
  EXPECT_EQ(send(post(std::string(100, 'a')))->status, 200);
}

TEST_F(SharingTest, BodiesOfOneAccountLeaveRoomForThoseOfOthers) {
  serve({.max_body_bytes_in_flight = 100, .max_body_bytes_of_account = 60}, echo_on_account);
  const Socket holds = almost_whole("a", 60);
  const auto refused = send(post_on("a", "aa"));
  ASSERT_TRUE(refused && refused->status == 429);
  EXPECT_EQ(*refused->header("Retry-After"), "1");
  EXPECT_EQ(send(post_on("b", std::string(40, 'b')))->status, 200);
}

constexpr std::size_t kLongAnswer = 32U << 20;  // far more than the kernel takes

class AnswerRoomTest : public SharingTest {
 protected:
  // Answers each request at length, on the account that its head names.
  void serve_long_answers(const ServerOptions& options) {
    serve(options, [this](const ServerRequest& head) {
      return Admission{.with_body =
                           [this](const std::string&) {
                             ++handled_;
                             if (held_back_.valid()) held_back_.wait();
                             return ServerAnswer{200, {}, std::string(kLongAnswer, 'a')};
                           },
                       .account = *head.header("X-Account")};
    });
  }

  Socket asked(const std::string& method, const std::string& account, const std::string& more = {}) const {
    Socket socket = raw();
    socket.send(method + " / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Account: " + account + "\r\n" +
                more + "\r\n");
    return socket;
  }

  std::atomic<int> handled_ = 0;
  std::shared_future<void> held_back_;
};

TEST_F(AnswerRoomTest, AnswersToOneAccountLeaveRoomForThoseToOthers) {
  serve_long_answers(
      {.max_answer_bytes_in_flight = 3 * kLongAnswer, .max_answer_bytes_of_account = kLongAnswer + 100});
  const Socket holds = asked("GET", "a");
  EXPECT_EQ(holds.receive_until("\r\n"), "HTTP/1.1 200 OK\r\n");
  EXPECT_TRUE(asked("GET", "a").receive_all().starts_with("HTTP/1.1 429 "));
  EXPECT_GT(asked("GET", "b").receive_all().size(), kLongAnswer);
  EXPECT_GT(asked("POST", "a").receive_all().size(), kLongAnswer) << "what was done has its answer";
  EXPECT_GT(holds.receive_all().size(), kLongAnswer);
  EXPECT_GT(asked("GET", "a").receive_all().size(), kLongAnswer);
}

TEST_F(AnswerRoomTest, NothingIsDoneForAnAccountThatDoesNotReadWhatItIsAnswered) {
  serve_long_answers(
      {.max_answer_bytes_in_flight = 8 * kLongAnswer, .max_answer_bytes_of_account = kLongAnswer / 2});
  const Socket holds = asked("POST", "a");
  EXPECT_EQ(holds.receive_until("\r\n"), "HTTP/1.1 200 OK\r\n");
  const std::string refused = asked("POST", "a").receive_all().substr(0, 1000);
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 429 ") && refused.contains("Retry-After: 1\r\n")) << refused;
  EXPECT_EQ(handled_, 1);
  EXPECT_GT(asked("POST", "b").receive_all().size(), kLongAnswer);
  EXPECT_GT(holds.receive_all().size(), kLongAnswer);
  EXPECT_GT(asked("POST", "a").receive_all().size(), kLongAnswer);
}

TEST_F(AnswerRoomTest, NothingIsDoneForAnybodyWhileAnswersTakeAllThereIs) {
  serve_long_answers({.max_answer_bytes_in_flight = kLongAnswer / 2});
  const Socket holds = asked("POST", "a");
  EXPECT_EQ(holds.receive_until("\r\n"), "HTTP/1.1 200 OK\r\n");
  const std::string refused = asked("POST", "b").receive_all().substr(0, 1000);
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ") && refused.contains("Retry-After: 1\r\n")) << refused;
  EXPECT_GT(holds.receive_all().size(), kLongAnswer);
  EXPECT_GT(asked("POST", "b").receive_all().size(), kLongAnswer);
}

TEST_F(AnswerRoomTest, WhatWaitsForItsTurnIsNotDoneWhereTheAnswerBeforeItIsNotRead) {
  std::promise<void> release;
  held_back_ = release.get_future().share();
  serve_long_answers({.max_answer_bytes_of_account = kLongAnswer / 2,
                      .crew = {.workers = 2, .workers_of_account = 1, .most_of_account = 4}});
  std::vector<Socket> batches;
  std::vector<std::thread> readers;
  std::atomic<int> turned_away = 0;
  for (int i = 0; i < 5; ++i) batches.push_back(asked("POST", "a"));
  for (const Socket& each : batches) {
    readers.emplace_back(
        [&] { turned_away += each.receive_until("\r\n").starts_with("HTTP/1.1 429 ") ? 1 : 0; });
  }
  const auto end = std::chrono::steady_clock::now() + seconds(30);
  while (turned_away < 1 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  release.set_value();  // one runs and three wait, since one was too many
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(turned_away, 4);
  EXPECT_EQ(handled_, 1);
}

TEST_F(AnswerRoomTest, AnAnswerCountsWhileTheRequestIsStillToBeReadPast) {
  serve_long_answers({.max_answer_bytes_of_account = kLongAnswer + 100, .crew = {.workers = 1}});
  const Socket holds = asked("GET", "a", "Content-Length: 4\r\n");
  while (handled_ == 0) std::this_thread::yield();
  EXPECT_TRUE(asked("GET", "a").receive_all().starts_with("HTTP/1.1 429 "));
  holds.send("body");
  EXPECT_GT(holds.receive_all().size(), kLongAnswer);
}

// The head of the answer, which has no body; "" if the connection was closed.
std::string asked(const Socket& socket, const std::string& more = {}) {
  socket.send("GET / HTTP/1.1\r\nHost: x\r\n" + more + "\r\n");
  return socket.receive_until("\r\n\r\n");
}

TEST_F(SharingTest, StrangersAtOneAddressLeaveRoomForThoseAtOthers) {
  ServerOptions options{.max_open = 8, .max_strangers_of_address = 2};
  options.is_proxy = [](std::string_view address) { return address == "127.0.0.3"; };
  serve(options, [](const ServerRequest& head) {
    Admission admission = echo(head);
    admission.is_known = head.header("X-Known") != nullptr;
    return admission;
  });
  const Socket one = raw(), other = raw();
  EXPECT_TRUE(asked(one).starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(asked(other).starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(asked(raw()), "");
  const Socket elsewhere = Socket::connected_to(server_->port(), "127.0.0.2");
  EXPECT_TRUE(asked(elsewhere).starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(server_->turned_away(), 1U)
      << "which is counted after it is closed, and before the next one is served";
  EXPECT_TRUE(asked(one).starts_with("HTTP/1.1 200 ")) << "who is connected goes on";
  EXPECT_TRUE(asked(one, "X-Known: yes\r\n").starts_with("HTTP/1.1 200 "));
  const Socket in_its_place = raw();
  EXPECT_TRUE(asked(in_its_place).starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(asked(raw()), "");
  std::vector<Socket> through_a_proxy;
  for (int i = 0; i < 4; ++i) {
    through_a_proxy.push_back(Socket::connected_to(server_->port(), "127.0.0.3"));
    EXPECT_TRUE(asked(through_a_proxy.back()).starts_with("HTTP/1.1 200 ")) << i;
  }
}

TEST_F(SharingTest, RequestsRunSideBySide) {
  std::promise<void> both;
  std::atomic<int> inside = 0;
  const std::shared_future<void> released = both.get_future().share();
  serve({.crew = {2, 0}}, handled([&, released] {
          if (++inside == 2) both.set_value();
          released.wait();
        }));
  const Socket one = raw();
  const Socket two = raw();
  one.send(kGet);
  two.send(kGet);
  EXPECT_TRUE(one.receive_until("done").ends_with("done"));
  EXPECT_TRUE(two.receive_until("done").ends_with("done"));
}

TEST_F(SharingTest, WhatIsSlowKeepsNobodyWaitingAndIsTurnedAwayWhenItIsTooMuch) {
  std::promise<void> entered, release;
  const std::shared_future<void> released = release.get_future().share();
  ServerOptions options{.crew = {1, 0}, .slow_crew = {1, 0}};
  options.is_slow = [](const ServerRequest& request) { return request.target == "/slow"; };
  const auto slow_one = handled([&, released] {
    entered.set_value();
    released.wait();
  });
  const auto quick_one = handled([] {});
  serve(options, [=](const ServerRequest& request) {
    return request.target == "/slow" ? slow_one(request) : quick_one(request);
  });
  const Socket slow = raw(), too_many = raw(), quick = raw();
  slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  entered.get_future().wait();
  quick.send(kGet);
  EXPECT_TRUE(quick.receive_until("done").starts_with("HTTP/1.1 200 "));
  too_many.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string refused = too_many.receive_until("\r\n\r\n");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 429 ")) << refused;
  EXPECT_TRUE(refused.contains("Retry-After: 1\r\n")) << refused;
  release.set_value();
  EXPECT_TRUE(slow.receive_until("done").starts_with("HTTP/1.1 200 "));
}

TEST_F(SharingTest, MoreRequestsThanMayWaitGet503) {
  std::promise<void> entered, release;
  const std::shared_future<void> released = release.get_future().share();
  serve({.crew = {1, 0}}, handled([&, released] {
          entered.set_value();
          released.wait();
        }));
  const Socket busy = raw(), too_many = raw();
  busy.send(kGet);
  entered.get_future().wait();
  too_many.send(kGet);
  const std::string refused = too_many.receive_until("\r\n\r\n");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  EXPECT_TRUE(refused.contains("Retry-After: 1\r\n")) << refused;
  release.set_value();
  EXPECT_TRUE(busy.receive_until("done").starts_with("HTTP/1.1 200 "));
}

// Runs what `jobs` names, all of it handed in before any is done, on one thread. Each is an account's.
std::vector<std::string> order_of(const std::vector<std::string>& jobs, const ServerOptions::Crew& wanted) {
  std::vector<std::string> order;
  boost::asio::io_context io;
  const auto work = boost::asio::make_work_guard(io);
  std::size_t done = 0;
  Crew crew(io);
  crew.start(wanted);
  for (const std::string& account : jobs) {
    crew.post(
        account, [] {},
        [&, account] {
          order.push_back(account);
          if (++done == jobs.size()) io.stop();
        });
  }
  io.run();
  crew.join();
  return order;
}

TEST(CrewTest, TakesWhatWaitsAccountByAccount) {
  EXPECT_EQ(order_of({"a", "a", "a", "a", "b", "c", "b"}, {.workers = 1}),
            (std::vector<std::string>{"a", "b", "c", "a", "b", "a", "a"}));
}

TEST_F(SharingTest, TheFloodOfOneAccountNeitherKeepsOthersWaitingNorTakesTheirPlaces) {
  std::promise<void> release;
  std::atomic<int> handled_of_a = 0;
  const std::shared_future<void> released = release.get_future().share();
  serve({.crew = {.workers = 2, .max_waiting = 3, .workers_of_account = 1, .most_of_account = 4}},
        [&, released](const ServerRequest& head) {
          const bool is_a = *head.header("X-Account") == "a";
          return Admission{.with_body =
                               [&, is_a, released](const std::string&) {
                                 if (is_a) released.wait();
                                 if (is_a) ++handled_of_a;
                                 return ServerAnswer{200, {}, "done"};
                               },
                           .account = *head.header("X-Account")};
        });
  std::vector<Socket> flood;
  std::vector<std::string> answers;
  for (int i = 0; i < 6; ++i) {
    flood.push_back(raw());
    flood.back().send("GET / HTTP/1.1\r\nHost: x\r\nX-Account: a\r\n\r\n");
  }
  // Two of the six are too many, whichever come last.
  std::vector<std::thread> readers;
  std::atomic<int> turned_away = 0;
  for (Socket& one : flood) {
    readers.emplace_back(
        [&] { turned_away += one.receive_until("\r\n\r\n").starts_with("HTTP/1.1 429 ") ? 1 : 0; });
  }
  const auto end = std::chrono::steady_clock::now() + seconds(30);
  while (turned_away < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  const auto calm = send(post_on("b", {}));
  EXPECT_TRUE(calm && calm->status == 200);
  EXPECT_EQ(handled_of_a, 0);
  release.set_value();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(turned_away, 2);
  EXPECT_EQ(handled_of_a, 4);
}

}  // namespace
}  // namespace pawprint::net
