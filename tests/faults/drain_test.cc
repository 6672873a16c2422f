// SIGTERM under a hub to which many send, by batch and over sockets, while others watch.
#include <atomic>
#include <boost/json/parse.hpp>
#include <chrono>
#include <csignal>
#include <set>
#include <thread>

#include "faults/fault_fixture.h"
#include "harness/subscriber.h"

namespace pawprint::testing {
namespace {

constexpr int kGoingAway = 1001;

class Drained : public FaultTest {
 protected:
  static constexpr std::uint64_t kEach = 10;

  // Batch after batch, until there is no answer.
  void send_batches(Member member, std::uint64_t next) {
    for (;; next += kEach) {
      const auto events = member_events(next, kEach);
      const auto answer = member.batch(events);
      if (!answer || answer->status != 200) break;
      EXPECT_EQ(ledger_.note("acme", events, answer).success, kEach);
      ++answered_;
    }
    has_ended_ = true;
  }

  // Event after event without waiting for what is said to them, until the hub takes no more.
  static void send_live(const RawConnection& socket, std::uint64_t next) {
    while (socket.send_text_frame(member_event({.number = next}))) ++next;
  }

  // Until it is told to go: which code that was, and what was stored until then.
  int read_acks(RawConnection& socket, std::set<std::string>& stored) {
    for (;;) {
      const std::string text = socket.next_frame().value_or("");
      if (text.starts_with("close ")) return std::stoi(text.substr(6));
      if (text.empty()) return 0;
      const auto frame = boost::json::parse(text).as_object();
      if (frame.at("type").as_string() != "ack") continue;
      EXPECT_EQ(frame.at("status").as_string(), "success");
      stored.emplace(frame.at("event_id").as_string());
      ++answered_;
    }
  }

  std::atomic<int> answered_ = 0;
  std::atomic<bool> has_ended_ = false;
};

TEST_F(Drained, HubHasAnsweredWhatItStoredHoweverItCameAndTellsAllWhoAreConnected) {
  Member member = kim();
  RawConnection sending(hub_.url());
  ASSERT_EQ(open_live_channel(sending, member.ws_token(), "?stream=clock").status, 101);
  Subscriber watching;
  watching.connect(member);
  std::set<std::string> live;
  int told_sender = 0, told_watcher = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 1; i <= 2; ++i) {
      threads.emplace_back([&, i] { send_batches(Member(member), i * 1'000'000); });
    }
    threads.emplace_back([&] { send_live(sending, 5'000'000); });
    threads.emplace_back([&] { told_sender = read_acks(sending, live); });
    threads.emplace_back([&] { told_watcher = watching.read_to_end(); });
    const auto latest = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (answered_ < 200 && !has_ended_ && std::chrono::steady_clock::now() < latest)
      std::this_thread::yield();
    EXPECT_GE(answered_, 200);
    EXPECT_FALSE(has_ended_) << "who sends was turned away before the hub was asked to end";
    hub_.signal(SIGTERM);
    EXPECT_EQ(hub_.wait(), 0);
  }
  EXPECT_EQ(told_sender, kGoingAway);
  EXPECT_EQ(told_watcher, kGoingAway);
  std::size_t came_live = 0;
  for (const LogRow& row : rows_of_log(hub_.data())) {
    const bool answered = live.contains(row.event_id) || ledger_.is_acknowledged("acme", row.event_id);
    EXPECT_TRUE(answered) << "stored, and nobody was told: " << row.event_id;
    came_live += live.contains(row.event_id) ? 1U : 0U;
  }
  EXPECT_EQ(came_live, live.size()) << "O1: acknowledged and lost";
  EXPECT_GT(came_live, 0U);
  hub_.start();
  expect_laws();
}

}  // namespace
}  // namespace pawprint::testing
