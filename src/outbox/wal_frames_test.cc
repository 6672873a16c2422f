#include "outbox/wal_frames.h"

#include <array>

#include "outbox/home_for_test.h"
#include "outbox/schema.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kFrameBytes = 24 + 4096;

class WalFramesTest : public HomeTest {
 protected:
  // A WAL with a commit for each event, and where each of them ends.
  void SetUp() override {
    HomeTest::SetUp();
    Outbox outbox = open();
    for (std::uint64_t lamport = 1; lamport <= 4; ++lamport) append(outbox, lamport);
    wal_ = content();
  }
  void append(Outbox& outbox, std::uint64_t lamport) {
    const std::array rows{row(lamport)};
    ASSERT_TRUE(outbox.append(rows, Durability::process));
    ends_.push_back(disk_.status(file()).value()->size_bytes);
  }
  Path file() const { return home_ / kWal; }
  std::string content() { return read_file(disk_, file()).value().value(); }
  static std::string changed(std::string wal, std::size_t at) {
    wal[at] = static_cast<char>(wal[at] ^ 0x10);
    return wal;
  }
  std::size_t last_commit() const { return ends_[ends_.size() - 2]; }

  std::string wal_;
  std::vector<std::size_t> ends_;
};

TEST_F(WalFramesTest, AWholeWalHasTheNewestFrameOfEachPage) {
  const WalPages pages = read_wal(wal_);
  EXPECT_FALSE(pages.damaged_at);
  EXPECT_GT(pages.database_pages, 4U);
  EXPECT_EQ(pages.newest.rbegin()->second.size(), 4096U);
  for (std::size_t at = last_commit(); at < wal_.size(); at += kFrameBytes) {
    const auto number = static_cast<unsigned char>(wal_[at + 3]);
    EXPECT_EQ(pages.newest.at(number), std::string_view(wal_).substr(at + 24, 4096)) << at;
  }
}

TEST_F(WalFramesTest, ADamagedFrameCostsItsOwnPageAndSaysWhereItStands) {
  const WalPages whole = read_wal(wal_);
  const std::size_t damaged = last_commit() - kFrameBytes;
  for (const std::size_t at : {0U, 4U, 24U, 1000U, 4119U}) {
    const std::string wal = changed(wal_, damaged + at);
    const WalPages pages = read_wal(wal);
    EXPECT_EQ(pages.damaged_at, damaged) << at;
    EXPECT_EQ(pages.database_pages, whole.database_pages) << at;
    EXPECT_EQ(pages.newest.size(), whole.newest.size()) << at;
  }
}

// The sum of a frame and its salts are not what it holds.
TEST_F(WalFramesTest, AFrameThatTheNextOneFollowsFromIsWhole) {
  const WalPages whole = read_wal(wal_);
  for (std::size_t frame = kHeaderBytes; frame + kFrameBytes < wal_.size(); frame += kFrameBytes) {
    for (const std::size_t at : {8U, 15U, 16U, 23U}) {
      const std::string wal = changed(wal_, frame + at);
      const WalPages pages = read_wal(wal);
      EXPECT_EQ(pages.damaged_at, frame);
      for (const auto& [number, bytes] : whole.newest)
        EXPECT_EQ(pages.newest.at(number), bytes) << frame + at;
    }
  }
}

TEST_F(WalFramesTest, ADamagedHeaderCostsNothing) {
  const WalPages whole = read_wal(wal_);
  for (std::size_t at = 0; at < kHeaderBytes; ++at) {
    const std::string wal = changed(wal_, at);
    const WalPages pages = read_wal(wal);
    EXPECT_EQ(pages.damaged_at, 0U) << at;
    EXPECT_EQ(pages.newest.size(), whole.newest.size()) << at;
  }
}

TEST_F(WalFramesTest, AWalThatIsCutOffIsNotDamaged) {
  for (std::size_t size = 0; size < wal_.size(); size += 1031) {
    const WalPages pages = read_wal(std::string_view(wal_).substr(0, size));
    EXPECT_FALSE(pages.damaged_at) << size;
    EXPECT_TRUE(size < ends_.front() || pages.database_pages > 4) << size;
  }
}

TEST_F(WalFramesTest, WhatWasWrittenOverIsNeitherReadNorDamage) {
  {
    auto connection = sqlite::Connection::open(home_ / kDatabase, sqlite::Access::read_write);
    ASSERT_TRUE(connection->no_checkpoint_on_close() && connection->execute("SELECT * FROM queue") &&
                connection->checkpoint_in_place());
  }
  EXPECT_EQ(content().size(), wal_.size());
  EXPECT_FALSE(read_wal(content()).damaged_at);
  EXPECT_TRUE(read_wal(content()).newest.empty());
  Outbox outbox = open();
  append(outbox, 5);
  const std::string again = content();
  EXPECT_EQ(again.size(), wal_.size());
  EXPECT_FALSE(read_wal(again).damaged_at);
  EXPECT_LT(read_wal(again).newest.size(), read_wal(wal_).newest.size());
}

TEST_F(WalFramesTest, FramesThatWereNeverCommittedAreNotReadAndNoDamage) {
  const std::string torn = wal_.substr(0, wal_.size() - kFrameBytes) + std::string(kFrameBytes, '\0');
  const WalPages pages = read_wal(torn);
  EXPECT_FALSE(pages.damaged_at);
  const auto before = read_wal(std::string_view(wal_).substr(0, last_commit()));
  EXPECT_EQ(pages.newest.size(), before.newest.size());
}

TEST_F(WalFramesTest, AWalOfAnotherSizeOfPagesIsNotOurs) {
  std::string other = wal_.substr(0, kHeaderBytes);
  {
    const Path database = home_ / "other.db";
    auto connection = sqlite::Connection::open(database, sqlite::Access::create);
    ASSERT_TRUE(connection->no_checkpoint_on_close() &&
                connection->execute("PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; CREATE TABLE t(x)"));
    other = read_file(disk_, database.string() + "-wal").value().value();
  }
  EXPECT_FALSE(read_wal(other).damaged_at);
  EXPECT_TRUE(read_wal(other).newest.empty());
}

}  // namespace
}  // namespace pawprint::outbox
