#include "sqlite/wal_frames.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "sqlite/connection.h"

namespace pawprint::sqlite {
namespace {

constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kFrameBytes = 24 + 4096;

class WalFramesTest : public testing::Test {
 protected:
  // A WAL with four commits of several pages each, and where each of them ends.
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-frames-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    open();
    ASSERT_TRUE(
        connection_->execute("PRAGMA journal_mode = WAL; CREATE TABLE t(x TEXT); CREATE INDEX i ON t(x)"));
    for (int i = 0; i < 4; ++i) commit();
    wal_ = content(database());
  }
  void TearDown() override {
    connection_.reset();
    std::filesystem::remove_all(directory_);
  }
  void open() {
    connection_ = Connection::open(database(), Access::create).value();
    ASSERT_TRUE(connection_->no_checkpoint_on_close());
  }
  void commit() {
    ASSERT_TRUE(
        connection_->execute("WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) "
                             "INSERT INTO t SELECT hex(randomblob(600)) FROM n"));
    ends_.push_back(content(database()).size());
  }
  Path database() const { return directory_ / "some.db"; }
  static std::string content(const Path& database) {
    std::ifstream file(database.string() + "-wal", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  static std::string changed(std::string wal, std::size_t at) {
    wal[at] = static_cast<char>(wal[at] ^ 0x10);
    return wal;
  }
  // Of a WAL that nobody has gone on writing to: what stands behind the damage is the newest.
  static PagesByNumber all_of(const WalPages& pages) {
    PagesByNumber all = pages.newest;
    for (const auto& [number, content] : pages.behind) all[number] = content;
    return all;
  }
  std::size_t last_commit() const { return ends_[ends_.size() - 2]; }

  Path directory_;
  std::optional<Connection> connection_;
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
  const std::size_t damaged = last_commit() - 2 * kFrameBytes;
  for (const std::size_t at : {0U, 4U, 24U, 1000U, 4119U}) {
    const std::string wal = changed(wal_, damaged + at);
    const WalPages pages = read_wal(wal);
    EXPECT_EQ(pages.damaged_at, damaged) << at;
    for (const auto& [number, page] : whole.newest) {
      if (number == static_cast<unsigned char>(wal_[damaged + 3])) continue;
      EXPECT_EQ(all_of(pages).at(number), page) << at << " " << number;
    }
  }
}

// The sum of a frame and its salts are not what it holds.
TEST_F(WalFramesTest, AFrameThatTheNextOneFollowsFromIsWhole) {
  const WalPages whole = read_wal(wal_);
  for (std::size_t frame = kHeaderBytes; frame < last_commit(); frame += kFrameBytes) {
    for (const std::size_t at : {8U, 15U, 16U, 23U}) {
      const std::string wal = changed(wal_, frame + at);
      const WalPages pages = read_wal(wal);
      EXPECT_EQ(pages.damaged_at, frame);
      for (const auto& [number, bytes] : whole.newest)
        EXPECT_EQ(all_of(pages).at(number), bytes) << frame + at;
    }
  }
}

TEST_F(WalFramesTest, ADamagedHeaderCostsNothing) {
  const WalPages whole = read_wal(wal_);
  for (std::size_t at = 0; at < kHeaderBytes; ++at) {
    const std::string wal = changed(wal_, at);
    const WalPages pages = read_wal(wal);
    EXPECT_EQ(pages.damaged_at, 0U) << at;
    EXPECT_TRUE(all_of(pages) == whole.newest) << at;
  }
}

// A block of the disk has the header and most of the first frame.
TEST_F(WalFramesTest, ADamagedFirstBlockCostsNoMoreThanItsFrame) {
  const WalPages whole = read_wal(wal_);
  for (const char filling : {'\0', 'Z'}) {
    for (const std::size_t block : {512U, 4096U}) {
      const std::string wal = std::string(block, filling) + wal_.substr(block);
      const WalPages pages = read_wal(wal);
      EXPECT_EQ(pages.damaged_at, 0U) << block;
      EXPECT_TRUE(pages.newest.empty()) << block;
      EXPECT_GE(pages.behind.size() + 1, whole.newest.size()) << block;
    }
  }
}

// It stays behind the commits that are written over its beginning.
TEST_F(WalFramesTest, ACommitThatWasCutShortIsNotRead) {
  std::string wal = wal_;
  wal[last_commit() + 100] ^= 1;
  const WalPages before = read_wal(std::string_view(wal_).substr(0, last_commit()));
  EXPECT_TRUE(read_wal(wal).newest == before.newest);
  EXPECT_TRUE(read_wal(wal).behind.empty());
}

TEST_F(WalFramesTest, AWalThatIsCutOffIsNotDamaged) {
  for (std::size_t size = 0; size < wal_.size(); size += 1031) {
    const WalPages pages = read_wal(std::string_view(wal_).substr(0, size));
    EXPECT_FALSE(pages.damaged_at) << size;
    EXPECT_TRUE(size < ends_.front() || pages.database_pages > 4) << size;
  }
}

TEST_F(WalFramesTest, WhatWasWrittenOverIsNeitherReadNorDamage) {
  ASSERT_TRUE(connection_->checkpoint_in_place());
  const std::string emptied = content(database());
  EXPECT_EQ(emptied.size(), wal_.size());
  EXPECT_FALSE(read_wal(emptied).damaged_at);
  EXPECT_TRUE(read_wal(emptied).newest.empty());
  connection_.reset();
  open();
  commit();
  const std::string again = content(database());
  connection_.reset();
  open();
  ASSERT_TRUE(connection_->execute("SELECT count(*) FROM t"));
  EXPECT_FALSE(connection_->wal_ends_early());
  EXPECT_EQ(again.size(), wal_.size());
  EXPECT_FALSE(read_wal(again).damaged_at);
  EXPECT_LT(read_wal(again).newest.size(), read_wal(wal_).newest.size());
}

TEST_F(WalFramesTest, WhoeverOpensADamagedWalAloneIsToldThatItGoesOn) {
  connection_.reset();
  const auto ends_early_with = [&](const std::string& wal) {
    std::ofstream(database().string() + "-wal", std::ios::binary).write(wal.data(), std::ssize(wal));
    open();
    EXPECT_TRUE(connection_->execute("SELECT count(*) FROM sqlite_schema"));
    const bool ends_early = connection_->wal_ends_early();
    connection_.reset();
    return ends_early;
  };
  EXPECT_FALSE(ends_early_with(wal_));
  EXPECT_FALSE(ends_early_with(wal_.substr(0, wal_.size() - kFrameBytes)));
  EXPECT_FALSE(ends_early_with(wal_.substr(0, kHeaderBytes)));
  EXPECT_FALSE(ends_early_with(std::string(kHeaderBytes, '\0') + wal_.substr(kHeaderBytes)));
  EXPECT_TRUE(ends_early_with(std::string(4096, '\0') + wal_.substr(4096)));
  const std::size_t frame = kHeaderBytes + 3 * kFrameBytes;
  for (const std::size_t at : {0UL, 9UL, 17UL, 30UL, frame, frame + 8, frame + 16, frame + 2000})
    EXPECT_TRUE(ends_early_with(changed(wal_, at))) << at;
}

// A crash may have cut it short, since a commit reaches the disk in any order.
TEST_F(WalFramesTest, ALastCommitThatIsNotWholeIsNoDamage) {
  for (std::size_t frame = last_commit(); frame < wal_.size(); frame += kFrameBytes) {
    const std::string wal = changed(wal_, frame + 500);
    EXPECT_FALSE(read_wal(wal).damaged_at) << frame;
  }
}

TEST_F(WalFramesTest, FramesThatWereNeverCommittedAreNotReadAndNoDamage) {
  const std::string torn = wal_.substr(0, wal_.size() - kFrameBytes) + std::string(kFrameBytes, '\0');
  const WalPages pages = read_wal(torn);
  EXPECT_FALSE(pages.damaged_at);
  const auto before = read_wal(std::string_view(wal_).substr(0, last_commit()));
  EXPECT_EQ(pages.newest.size(), before.newest.size());
}

TEST_F(WalFramesTest, AWalOfAnotherSizeOfPagesIsNotOurs) {
  const Path other_database = directory_ / "other.db";
  auto connection = Connection::open(other_database, Access::create);
  ASSERT_TRUE(connection->no_checkpoint_on_close() &&
              connection->execute("PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; CREATE TABLE t(x)"));
  const std::string other = content(other_database);
  ASSERT_GT(other.size(), kHeaderBytes);
  EXPECT_FALSE(read_wal(other).damaged_at);
  EXPECT_TRUE(read_wal(other).newest.empty());
}

}  // namespace
}  // namespace pawprint::sqlite
