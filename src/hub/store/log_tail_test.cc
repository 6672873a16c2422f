#include "hub/store/log_tail.h"

#include <gtest/gtest.h>

namespace pawprint::hub::store {
namespace {

SharedEvents run_of(std::uint64_t first, std::uint64_t last, std::size_t bytes = 10) {
  SharedEvents events;
  for (std::uint64_t seq = first; seq <= last; ++seq) {
    LoggedEvent event;
    event.seq = seq;
    event.body = std::string(bytes, 'x');
    events.push_back(std::make_shared<const LoggedEvent>(std::move(event)));
  }
  return events;
}

// The numbers of what follows, "elsewhere" where the log has to be asked.
std::string after(const LogTail& tail, std::string_view team, std::uint64_t seq, std::size_t limit = 100) {
  const auto events = tail.read(team, seq, limit);
  if (events.empty()) return "elsewhere";
  std::string seqs;
  for (const auto& event : events) seqs += std::to_string(event->seq) + ' ';
  return seqs;
}

TEST(LogTail, GivesWhatFollowsAPlaceThatItHas) {
  LogTail tail(1U << 20);
  EXPECT_EQ(after(tail, "a", 0), "elsewhere");
  tail.add("a", run_of(5, 7));
  tail.add("a", run_of(8, 9));
  EXPECT_EQ(after(tail, "a", 4), "5 6 7 8 9 ");
  EXPECT_EQ(after(tail, "a", 6), "7 8 9 ");
  EXPECT_EQ(after(tail, "a", 5, 2), "6 7 ");
  EXPECT_EQ(after(tail, "a", 3), "elsewhere");
  EXPECT_EQ(after(tail, "a", 9), "elsewhere");
  EXPECT_EQ(after(tail, "a", UINT64_MAX), "elsewhere");
  EXPECT_EQ(after(tail, "b", 4), "elsewhere");
}

TEST(LogTail, NeverGivesARunWithAHole) {
  LogTail tail(1U << 20);
  tail.add("a", run_of(1, 3));
  tail.add("a", run_of(6, 7));
  EXPECT_EQ(after(tail, "a", 0), "elsewhere");
  EXPECT_EQ(after(tail, "a", 2), "elsewhere");
  EXPECT_EQ(after(tail, "a", 5), "6 7 ");
}

TEST(LogTail, ForgetsTheOldestOfAllTeamsFirst) {
  LogTail tail(15'000);
  tail.add("a", run_of(1, 2, 4'000));
  tail.add("b", run_of(1, 1, 1'000));
  EXPECT_EQ(after(tail, "a", 0), "1 2 ");
  tail.add("a", run_of(3, 3, 4'000));
  EXPECT_EQ(after(tail, "a", 0), "elsewhere");
  EXPECT_EQ(after(tail, "a", 2), "3 ");
  EXPECT_EQ(after(tail, "b", 0), "1 ");
  tail.add("b", run_of(2, 2, 50'000));
  EXPECT_EQ(after(tail, "a", 2), "elsewhere");
  EXPECT_EQ(after(tail, "b", 1), "2 ");
}

TEST(LogTail, ForgetsARunWithAHoleWithoutLosingCount) {
  LogTail tail(15'000);
  tail.add("a", run_of(1, 2, 4'000));
  tail.add("a", run_of(9, 9, 4'000));
  EXPECT_EQ(after(tail, "a", 8), "elsewhere");
  tail.add("a", run_of(10, 10, 100));
  EXPECT_EQ(after(tail, "a", 9), "10 ");
}

}  // namespace
}  // namespace pawprint::hub::store
