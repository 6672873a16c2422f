// Queue and overflow as they are looked at while a refill moves events from one into the other.
#include <array>

#include "base/disk_with_meanwhile_for_test.h"
#include "outbox/spill_for_test.h"

namespace pawprint::outbox {
namespace {

class MomentTest : public SpillHomeTest {
 protected:
  static constexpr std::uint64_t kEvents = 60;

  // In two files, every other one for a link.
  void given_spilled_events(const Link& link) {
    Spill spill(environment_, home_);
    for (std::uint64_t i = 1; i <= kEvents; ++i) {
      const std::array rows{event(i)};
      ASSERT_TRUE(
          spill.append(rows, i % 2 == 0 ? std::optional(mark(link)) : std::nullopt, Durability::process));
      ASSERT_TRUE(i != kEvents / 2 || spill.take_over(1));
    }
  }

  // What status says, and what list does, with `meanwhile` at the nth look at the disk. False: it was not
  // called.
  bool look(int nth, const std::function<void()>& meanwhile) {
    DiskWithMeanwhile disk(disk_);
    disk.at_look(nth, meanwhile);
    Environment environment = environment_;
    environment.disk = &disk;
    auto reader = Outbox::open_existing(environment, home_).value();
    const auto looked = reader->at_one_moment([&]() -> Result<void> {
      PAW_TRY(queue, reader->snapshot({}));
      PAW_TRY(overflow, reader->overflow());
      EXPECT_EQ(queue.pending + queue.unlinked + overflow.total(), kEvents) << nth;
      PAW_TRY(rows, reader->rows(std::array{RowState::pending}, 0, 1000));
      PAW_TRY(spilled, reader->spilled_rows(1000));
      EXPECT_EQ(rows.size() + spilled.size(), kEvents) << nth;
      return {};
    });
    EXPECT_TRUE(looked) << looked.error().message;
    return disk.is_done();
  }
};

TEST_F(MomentTest, AnEventThatARefillMovesIsCountedOnce) {
  for (const std::uint64_t queue_limit : {kRoomy, std::uint64_t{10}}) {
    for (int nth = 1;; ++nth) {
      SCOPED_TRACE(queue_limit);
      std::filesystem::remove_all(home_);
      Outbox writer = open();
      given_spilled_events(writer.link(destination(), false).value().link);
      if (!look(nth, [&] { ASSERT_TRUE(writer.refill(queue_limit)); })) break;
    }
  }
}

TEST_F(MomentTest, WhatAnEmitterTakesInPassingIsCountedOnce) {
  for (int nth = 1;; ++nth) {
    std::filesystem::remove_all(home_);
    Outbox writer = open();
    given_spilled_events(writer.link(destination(), false).value().link);
    const bool called = look(nth, [&] {
      ASSERT_TRUE(writer.refill_some(kRoomy));
      ASSERT_TRUE(writer.refill_some(kRoomy));
    });
    if (!called) break;
  }
}

// The rest that waits has been written anew, and the cursor is still at what it was taken from.
TEST_F(MomentTest, ARestThatIsWrittenAnewIsCountedOnce) {
  Outbox writer = open();
  given_spilled_events(writer.link(destination(), false).value().link);
  std::filesystem::copy_file(spill_path("refill-1"), spill_path("refill-2"));
  look(1, [] {});
  const auto content = read_spill(environment_, home_);
  ASSERT_TRUE(content);
  EXPECT_EQ(content->rows.size(), kEvents);
  EXPECT_EQ(count_spill(environment_, home_).value().total(), kEvents);
}

}  // namespace
}  // namespace pawprint::outbox
