#include "outbox/home_watch.h"

#include <fstream>

#include "base/disk_above_for_test.h"
#include "outbox/home_for_test.h"

namespace pawprint::outbox {
namespace {

class HomeWatchTest : public HomeTest {
 protected:
  void SetUp() override {
    HomeTest::SetUp();
    std::filesystem::create_directories(home_);
  }
  void put(std::string_view name) { std::ofstream(home_ / name) << "x"; }
  // As of a home in which nothing has happened for a while.
  static std::optional<std::uint64_t> settled(HomeWatch& watch, ManualClock& time) {
    watch.names();
    watch.names();
    time.advance_ms(1000);
    return watch.names();
  }
};

TEST_F(HomeWatchTest, SaysTheSameForAsLongAsNoNameChanges) {
  put("outbox.db");
  HomeWatch watch(environment_, home_);
  const auto names = settled(watch, time_);
  ASSERT_TRUE(names);
  put("outbox.db");  // written to, which is not a matter of names
  EXPECT_EQ(watch.names(), names);
  time_.advance_ms(1'000'000);
  EXPECT_EQ(watch.names(), names);
}

TEST_F(HomeWatchTest, NoticesWhatIsMadeRemovedAndRenamed) {
  put("outbox.db");
  HomeWatch watch(environment_, home_);
  auto before = settled(watch, time_);
  const auto is_noticed = [&] {
    const auto at_once = watch.names();
    const auto later = settled(watch, time_);
    const bool noticed = before && later && at_once != before && later != before;
    before = later;
    return noticed;
  };
  EXPECT_FALSE(is_noticed());
  std::filesystem::create_directories(home_ / "spill");
  EXPECT_TRUE(is_noticed());
  std::filesystem::rename(home_ / "outbox.db", home_ / "outbox.db.corrupt-1");
  EXPECT_TRUE(is_noticed());
  put("outbox.db");
  EXPECT_TRUE(is_noticed());
  put("other");
  EXPECT_TRUE(is_noticed());
  std::filesystem::rename(home_ / "other", home_ / "outbox.db");
  EXPECT_TRUE(is_noticed());
  std::filesystem::remove(home_ / "outbox.db");
  EXPECT_TRUE(is_noticed());
}

TEST_F(HomeWatchTest, NoticesThatTheHomeItselfIsAnotherOne) {
  HomeWatch watch(environment_, home_);
  const auto names = settled(watch, time_);
  ASSERT_TRUE(names);
  std::filesystem::rename(home_, directory_ / "old");
  EXPECT_NE(watch.names(), names);
  EXPECT_EQ(watch.names(), std::nullopt);
  std::filesystem::create_directories(home_);
  EXPECT_NE(watch.names(), names);
  EXPECT_NE(settled(watch, time_), names);
}

TEST_F(HomeWatchTest, ReliesOnNothingThatHasChangedAMomentAgo) {
  HomeWatch watch(environment_, home_);
  ASSERT_TRUE(settled(watch, time_));
  put("a");
  EXPECT_EQ(watch.names(), std::nullopt);
  time_.advance_ms(99);
  EXPECT_EQ(watch.names(), std::nullopt);
  time_.advance_ms(1);
  EXPECT_TRUE(watch.names());
}

TEST_F(HomeWatchTest, NoOtherWatchGivesTheSameNumber) {
  HomeWatch one(environment_, home_);
  HomeWatch other(environment_, home_);
  EXPECT_NE(settled(one, time_), settled(other, time_));
}

class Nfs final : public DiskAbove {
 public:
  using DiskAbove::DiskAbove;
  Result<FileSystem> file_system(const Path&) override { return FileSystem{"NFS", false}; }
};

TEST_F(HomeWatchTest, WhereOtherMachinesWriteNothingCanBeTold) {
  Nfs nfs(disk_);
  environment_.disk = &nfs;
  HomeWatch watch(environment_, home_);
  EXPECT_EQ(settled(watch, time_), std::nullopt);
}

}  // namespace
}  // namespace pawprint::outbox
