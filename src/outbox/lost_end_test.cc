// A WAL that is cut off or gone: what it held is lost, and whoever opens the queue first says so.
#include <array>

#include "outbox/home_for_test.h"
#include "outbox/schema.h"

namespace pawprint::outbox {
namespace {

class LostEndTest : public HomeTest {
 protected:
  void SetUp() override {
    HomeTest::SetUp();
    for (std::uint64_t i = 1; i <= 5; ++i) {
      Outbox outbox = open();
      ASSERT_TRUE(outbox.append(std::array{row(i)}, Durability::power));
    }
  }
  Path wal() const { return home_ / kWal; }
  static std::string reported_by(Outbox&& outbox) { return reported_by(outbox); }
  static std::string reported_by(Outbox& outbox) {
    Warnings warnings;
    outbox.report_to(warnings);
    std::string text;
    for (const Warning& warning : warnings.all()) text += warning.cause + ": " + warning.message + "\n";
    return text;
  }
};

TEST_F(LostEndTest, OfAWalThatWasCutOffIsReportedOnce) {
  EXPECT_EQ(reported_by(open()), "");
  std::filesystem::resize_file(wal(), std::filesystem::file_size(wal()) - 100);
  const std::string report = reported_by(open());
  EXPECT_EQ(report,
            fmt::format("outbox-cut: {} has lost its end, and 4 pages that had been committed with it; what "
                        "was queued last may be missing\n",
                        wal().string()));
  EXPECT_EQ(reported_by(open()), "");
}

TEST_F(LostEndTest, IsReportedByAReader) {
  std::filesystem::remove(wal());
  EXPECT_NE(reported_by(Outbox::open_existing(environment_, home_).value().value()), "");
  Outbox outbox = open();
  EXPECT_EQ(reported_by(outbox), "");
  EXPECT_TRUE(outbox.append(std::array{row(6)}, Durability::power));
}

// The index that they share still names what is gone.
TEST_F(LostEndTest, OfAWalThatOthersHaveOpenIsDamage) {
  const Outbox held = open();
  std::filesystem::resize_file(wal(), std::filesystem::file_size(wal()) - 100);
  Outbox outbox = open();
  EXPECT_TRUE(outbox.append(std::array{row(6)}, Durability::power));
  EXPECT_NE(reported_by(outbox).find("outbox-salvaged "), std::string::npos) << reported_by(outbox);
  EXPECT_TRUE(outbox.append(std::array{row(7)}, Durability::power));
  EXPECT_EQ(outbox.high_water().value(), 7U);
}

// With locking_mode=EXCLUSIVE the index is not told of what becomes of the WAL.
class MovedWalTest : public LostEndTest {
 protected:
  void SetUp() override {
    HomeTest::SetUp();
    Warnings warnings;
    for (int i = 1; i <= 5; ++i) {
      Outbox outbox = open();
      const NewRow next = row(clock().tick(1, outbox.high_water().value(), warnings).value());
      ASSERT_TRUE(outbox.append(std::array{next}, Durability::power));
    }
    std::filesystem::copy_file(home_ / kDatabase, directory_ / "before");
    {
      auto foreign = sqlite::Connection::open(home_ / kDatabase, sqlite::Access::read_write).value();
      ASSERT_TRUE(foreign.execute("PRAGMA locking_mode = EXCLUSIVE; SELECT count(*) FROM queue"));
    }
    ASSERT_FALSE(std::filesystem::exists(wal()));
  }
};

TEST_F(MovedWalTest, ByAProgramThatKeptTheIndexToItselfIsNotLost) {
  Outbox outbox = open();
  EXPECT_EQ(reported_by(outbox), "");
  EXPECT_EQ(outbox.high_water().value(), 5U);
}

TEST_F(MovedWalTest, IsLostWithADatabaseThatAnOlderOneReplaces) {
  std::filesystem::copy_file(directory_ / "before", home_ / kDatabase,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_NE(reported_by(open()), "");
}

// A refill commits values that are older than the queue's highest.
TEST_F(LostEndTest, OfAWalThatIsCutIsReportedAlsoWhereTheClockHasNoLaterValue) {
  Warnings warnings;
  ASSERT_TRUE(clock().tick(4, 0, warnings));
  {
    Outbox outbox = open();
  }
  std::filesystem::resize_file(wal(), std::filesystem::file_size(wal()) - 100);
  EXPECT_NE(reported_by(open()), "");
}

}  // namespace
}  // namespace pawprint::outbox
