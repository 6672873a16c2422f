#include "hub/fanout/fanout.h"

#include <gtest/gtest.h>

#include <thread>

namespace pawprint::hub::fanout {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLong{20'000};

TEST(LocalFanout, WakesWhoWaits) {
  const auto fanout = make_local_fanout();
  const auto listener = fanout->listen();
  std::jthread publisher([&] { fanout->grown("team"); });
  EXPECT_EQ(listener->wait(kLong), std::vector<std::string>{"team"});
}

TEST(LocalFanout, KeepsOneHintPerTeamHoweverManyCome) {
  const auto fanout = make_local_fanout();
  const auto listener = fanout->listen();
  for (int i = 0; i < 1000; ++i) fanout->grown("a");
  fanout->grown("b");
  EXPECT_EQ(listener->wait(kLong), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(listener->wait(milliseconds{0}).empty());
}

TEST(LocalFanout, TellsEachListener) {
  const auto fanout = make_local_fanout();
  const auto first = fanout->listen();
  {
    const auto gone = fanout->listen();
  }
  const auto second = fanout->listen();
  fanout->grown("team");
  EXPECT_EQ(first->wait(kLong).size(), 1U);
  EXPECT_EQ(second->wait(kLong).size(), 1U);
}

TEST(LocalFanout, CanBeWokenWithoutNews) {
  const auto fanout = make_local_fanout();
  const auto listener = fanout->listen();
  listener->wake();
  EXPECT_TRUE(listener->wait(kLong).empty());
}

}  // namespace
}  // namespace pawprint::hub::fanout
