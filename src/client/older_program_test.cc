// Events of this home beside an older program, which reads clock.json and replaces it without any lock.
#include "base/disk_with_meanwhile_for_test.h"
#include "base/format.h"
#include "client/event_store_fixture.h"

namespace pawprint::client {
namespace {

class OlderProgramTest : public EventStoreTest {
 protected:
  void SetUp() override {
    EventStoreTest::SetUp();
    limit_queue(1);
  }
  void put_back(std::uint64_t value) {
    ASSERT_TRUE(replace_file(disk_, home_ / "clock.json", fmt::format(R"({{"value": {}}})", value), 0600));
  }
};

// An older program read the clock before, and puts it back with its own step when another process has taken a
// value and spilled the event: behind the look at the overflow, and before this one's own step.
TEST_F(OlderProgramTest, TakesNoValueOfTheOverflowTwice) {
  DiskWithMeanwhile disk(disk_);
  Environment seen = environment_;
  seen.disk = &disk;
  Emitter other = make_emitter(environment_);
  ASSERT_EQ(other.emit(note())->where, Where::queue);
  ASSERT_EQ(other.emit(note())->where, Where::spill);
  Emitter emitter = make_emitter(seen);
  std::uint64_t last = 2;
  for (int nth = 1; nth <= 8; ++nth) {
    disk.at_list(nth, [&, older = last] {
      const auto spilled = other.emit(note());
      ASSERT_TRUE(spilled) << spilled.error().message;
      EXPECT_EQ(spilled->where, Where::spill);
      EXPECT_EQ(spilled->lamport_clock, ++last);
      put_back(older);
    });
    const auto receipt = emitter.emit(note());
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->where, Where::spill);
    EXPECT_EQ(receipt->lamport_clock, ++last) << "meanwhile at look " << nth;
    if (!disk.is_done()) break;
  }
}

TEST_F(OlderProgramTest, TakesNoValueOfTheOverflowIntoTheQueue) {
  Emitter other = make_emitter(environment_);
  ASSERT_EQ(other.emit(note())->where, Where::queue);
  ASSERT_EQ(other.emit(note())->where, Where::spill);
  link_project();
  DiskWithMeanwhile disk(disk_);
  Environment linked = environment_;
  linked.disk = &disk;
  be_in("other");
  Emitter unlinked = make_emitter(environment_);
  disk.at_list(3, [&] {
    EXPECT_EQ(unlinked.emit(note())->lamport_clock, 3U);
    put_back(2);
  });
  const auto receipt = make_emitter(linked).emit(note());
  ASSERT_TRUE(receipt);
  ASSERT_TRUE(disk.is_done());
  EXPECT_EQ(receipt->where, Where::queue);
  EXPECT_EQ(receipt->lamport_clock, 4U);
}

}  // namespace
}  // namespace pawprint::client
