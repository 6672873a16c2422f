#include "hub/store/transition_run.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/format.h"

namespace pawprint::hub::store {
namespace {

// Two machines that take turns, one of them an older client's; some changes name a cause, an actor, neither.
std::vector<TransitionRow> story(std::uint64_t length) {
  std::vector<TransitionRow> rows;
  for (std::uint64_t i = 0; i < length; ++i) {
    TransitionRow row;
    row.order = {(i * 7919) % 100, i % 2 == 0 ? "aaaaaaaaaaaa" : "bbbbbbbbbbbb",
                 fmt::format("01KGJX5B{:018}", i)};
    if (i % 3 != 0) row.causation_id = rows.back().order.event_id;
    row.from = protocol::kLanes[i % protocol::kLanes.size()];
    row.to = protocol::kLanes[(i * 5 + 1) % protocol::kLanes.size()];
    if (i % 4 != 0) row.actor = fmt::format("ada{}@example.org", i % 5);
    row.timestamp = fmt::format("2026-02-03T12:00:{:02}.000Z", i % 60);
    row.resolve = i % 5 == 0;
    row.older_client = i % 7 == 0;
    rows.push_back(std::move(row));
  }
  rows.front().order.lamport_clock = UINT64_MAX;  // the difference to the next goes around
  rows.back().order.node_id.clear();
  rows.back().timestamp.clear();
  return rows;
}

std::string run_of(const std::vector<TransitionRow>& rows) {
  TransitionRun run;
  for (const TransitionRow& row : rows) run.add(row);
  return run.bytes();
}

void expect_same(const TransitionRow& read, const TransitionRow& written) {
  EXPECT_EQ(read.order, written.order);
  EXPECT_EQ(read.causation_id, written.causation_id);
  EXPECT_EQ(read.from, written.from);
  EXPECT_EQ(read.to, written.to);
  EXPECT_EQ(read.actor, written.actor);
  EXPECT_EQ(read.timestamp, written.timestamp);
  EXPECT_EQ(read.resolve, written.resolve);
  EXPECT_EQ(read.older_client, written.older_client);
}

TEST(TransitionRun, GivesBackWhatWasAdded) {
  const auto written = story(200);
  std::vector<TransitionRow> read;
  ASSERT_TRUE(read_transitions(run_of(written), read));
  ASSERT_EQ(read.size(), written.size());
  for (std::size_t i = 0; i < read.size(); ++i) expect_same(read[i], written[i]);
}

TEST(TransitionRun, HasTheSameBytesHoweverOftenItWasKeptInBetween) {
  const auto rows = story(40);
  std::string kept;
  for (const TransitionRow& row : rows) {
    auto run = TransitionRun::read(kept);
    ASSERT_TRUE(run);
    run->add(row);
    kept = run->bytes();
  }
  EXPECT_EQ(kept, run_of(rows));
}

TEST(TransitionRun, IsFullBeforeItsRowTakesAQuarterOfAPage) {
  TransitionRun run;
  std::size_t changes = 0;
  for (const TransitionRow& row : story(1000)) {
    if (run.is_full()) break;
    run.add(row);
    ++changes;
  }
  EXPECT_TRUE(run.is_full());
  EXPECT_LT(run.bytes().size(), 800U);
  EXPECT_GT(changes, 8U);
}

TEST(TransitionRun, ThatIsCutOffAnywhereIsNoticed) {
  const std::string whole = run_of(story(3));
  std::vector<std::size_t> ends;
  for (std::uint64_t length = 1; length <= 3; ++length) {
    auto rows = story(3);
    rows.resize(length);
    ends.push_back(run_of(rows).size());
  }
  for (std::size_t size = 1; size < whole.size(); ++size) {
    std::vector<TransitionRow> rows;
    const auto read = read_transitions(std::string_view(whole).substr(0, size), rows);
    EXPECT_EQ(read.has_value(), std::ranges::find(ends, size) != ends.end()) << size;
    EXPECT_TRUE(read || read.error().kind == ErrorKind::io);
  }
}

TEST(TransitionRun, NeverReadsBeyondBytesThatAreNone) {
  std::string bytes = run_of(story(12));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char wrong : {'\xFF', '\0', '\x80'}) {
      std::string damaged = bytes;
      damaged[at] = wrong;
      std::vector<TransitionRow> rows;
      if (!read_transitions(damaged, rows)) continue;
      EXPECT_LE(rows.size(), damaged.size());
    }
  }
}

}  // namespace
}  // namespace pawprint::hub::store
