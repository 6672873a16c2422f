// SIGTERM while many send: whatever the hub stored it answered, and who watches is told.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "hub/main/hub_fixture.h"
#include "net/web_socket.h"
#include "net/web_socket_client.h"

namespace pawprint::hub {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kSenders = 4;
constexpr std::uint64_t kBatch = 5;

class DrainTest : public HubFixture {
 protected:
  std::unique_ptr<net::WebSocketClient> watch() const {
    const auto ticket = send("POST", "/api/v1/ws-token/");
    EXPECT_TRUE(ticket && ticket->status == 200);
    if (!ticket || ticket->status != 200) return nullptr;
    const std::string token = boost::json::parse(ticket->body).at("ws_token").as_string().c_str();
    auto opened = net::open_web_socket({.url = "ws" + url_.substr(4) + "/ws/v1/events/?stream=clock",
                                        .headers = {{"Authorization", "Bearer " + token}}});
    EXPECT_TRUE(opened && opened->socket);
    return opened ? std::move(opened->socket) : nullptr;
  }

  // Sends one batch after the other until the hub takes none any more.
  void send_until_the_end(std::uint64_t sender) {
    for (std::uint64_t number = sender * 10'000;; number += kBatch) {
      const auto acknowledged = send_batch(number, kBatch);
      if (acknowledged.empty()) {
        ++ended_;
        return;
      }
      const std::scoped_lock lock(mutex_);
      acknowledged_.insert(acknowledged.begin(), acknowledged.end());
      ++batches_;
    }
  }

  std::mutex mutex_;
  std::multiset<std::string> acknowledged_;
  std::atomic<int> batches_ = 0;
  std::atomic<std::uint64_t> ended_ = 0;
};

TEST_F(DrainTest, WhatTheHubStoredWhileItWasEndedItAnswered) {
  add_ada();
  start();
  sign_in();
  const auto watcher = watch();
  ASSERT_NE(watcher, nullptr);
  std::vector<std::thread> senders;
  for (std::uint64_t i = 1; i <= kSenders; ++i) senders.emplace_back([this, i] { send_until_the_end(i); });
  while (batches_ < 20 && ended_ < kSenders) std::this_thread::yield();
  EXPECT_GE(batches_, 20) << "nobody sends any more, and the hub was not asked to end";
  hub_->signal(SIGTERM);
  while (watcher->receive(seconds{20})) {
  }
  EXPECT_EQ(watcher->close_code(), net::kCloseGoingAway);
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(hub_->wait(), 0);
  EXPECT_EQ(hub_->rest_of_errors(), "");
  start();
  EXPECT_EQ(stored_ids(), acknowledged_);
}

}  // namespace
}  // namespace pawprint::hub
