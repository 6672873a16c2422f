#include "sqlite/wal_index.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "sqlite/connection.h"

namespace pawprint::sqlite {
namespace {

constexpr std::uintmax_t kFrameBytes = 24 + 4096;

class LostEndOfWalTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-index-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    auto writer = opened();
    ASSERT_TRUE(writer.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(x)"));
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(writer.execute("INSERT INTO t VALUES(1)"));
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  Path database() const { return directory_ / "some.db"; }
  Path wal() const { return directory_ / "some.db-wal"; }
  Connection opened(Access access = Access::create) {
    auto connection = Connection::open(database(), access).value();
    EXPECT_TRUE(connection.no_checkpoint_on_close());
    EXPECT_TRUE(connection.execute("SELECT count(*) FROM sqlite_schema"));
    return connection;
  }
  void cut_frames(std::uintmax_t frames) {
    std::filesystem::resize_file(wal(), std::filesystem::file_size(wal()) - frames * kFrameBytes);
  }
  // Of a byte of the last frame.
  void damage_end() {
    std::fstream file(wal(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-100, std::ios::end).put('!');
  }
  std::optional<std::string> lost_end() {
    PosixDisk disk;
    return lost_end_of_wal(disk, database()).value();
  }

  Path directory_;
};

TEST_F(LostEndOfWalTest, AWholeWalHasLostNothing) {
  EXPECT_EQ(lost_end(), std::nullopt);
  EXPECT_EQ(opened().wal_pages_gone(), 0U);
}

TEST_F(LostEndOfWalTest, WhatWasCutOffIsCountedOnceAndAlsoForAReader) {
  cut_frames(2);
  EXPECT_EQ(lost_end(), "its WAL ends early, and 2 pages that had been committed are gone");
  EXPECT_EQ(opened(Access::read_only).wal_pages_gone(), 2U);
  EXPECT_EQ(opened().wal_pages_gone(), 0U) << "the index was made anew";
  EXPECT_EQ(lost_end(), std::nullopt);
}

TEST_F(LostEndOfWalTest, ACutInTheMiddleOfAFrameCostsThatFrame) {
  std::filesystem::resize_file(wal(), std::filesystem::file_size(wal()) - 1);
  EXPECT_EQ(lost_end(), "its WAL ends early, and 1 page that had been committed is gone");
  EXPECT_EQ(opened().wal_pages_gone(), 1U);
}

TEST_F(LostEndOfWalTest, WhatACheckpointTookIsNotMissed) {
  {
    auto writer = opened();
    ASSERT_TRUE(writer.execute("PRAGMA wal_checkpoint(PASSIVE)"));
  }
  std::filesystem::remove(wal());
  EXPECT_EQ(opened().wal_pages_gone(), 0U);
}

// As a power cut leaves them: the index is of any earlier moment.
TEST_F(LostEndOfWalTest, AnIndexOfAnotherBootTellsOnlyOfItsOwnWal) {
  const Path index = directory_ / "some.db-shm";
  const auto put_back = [&](const Path& copy) {
    std::filesystem::copy_file(copy, index, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::last_write_time(index,
                                     std::filesystem::file_time_type::clock::now() - std::chrono::years(20));
  };
  std::filesystem::copy_file(index, directory_ / "old");
  ASSERT_TRUE(opened().checkpoint_truncate());
  ASSERT_TRUE(opened().execute("INSERT INTO t VALUES(2)"));
  put_back(directory_ / "old");
  EXPECT_EQ(lost_end(), std::nullopt);
  EXPECT_EQ(opened().wal_pages_gone(), 0U);

  ASSERT_TRUE(opened().execute("INSERT INTO t VALUES(3)"));
  std::filesystem::copy_file(index, directory_ / "same");
  cut_frames(1);
  put_back(directory_ / "same");
  EXPECT_TRUE(lost_end());
  EXPECT_EQ(opened().wal_pages_gone(), 1U);
}

TEST_F(LostEndOfWalTest, AMissingWalIsNoticed) {
  std::filesystem::remove(wal());
  EXPECT_EQ(lost_end(), std::nullopt) << "it does not ask when the index was written";
  EXPECT_GE(opened().wal_pages_gone(), 4U);
}

TEST_F(LostEndOfWalTest, AnEmptiedWalHasLostNothing) {
  ASSERT_TRUE(opened().checkpoint_in_place());
  EXPECT_EQ(lost_end(), std::nullopt);
  ASSERT_TRUE(opened().execute("INSERT INTO t VALUES(2)"));
  ASSERT_TRUE(opened().checkpoint_truncate());
  EXPECT_EQ(lost_end(), std::nullopt);
  EXPECT_EQ(opened().wal_pages_gone(), 0U);
}

TEST_F(LostEndOfWalTest, ADamagedLastCommitIsNoticed) {
  damage_end();
  EXPECT_TRUE(lost_end());
  EXPECT_EQ(opened().wal_pages_gone(), 1U);
}

TEST_F(LostEndOfWalTest, WithoutAnIndexNothingTells) {
  cut_frames(1);
  std::filesystem::remove(directory_ / "some.db-shm");
  EXPECT_EQ(lost_end(), std::nullopt);
  EXPECT_EQ(opened().wal_pages_gone(), 0U);
}

TEST_F(LostEndOfWalTest, WhatAnotherDatabaseHasLostIsNotTold) {
  cut_frames(1);
  const auto first = opened();  // nobody asks it
  const Path other = directory_ / "other.db";
  auto connection = Connection::open(other, Access::create).value();
  ASSERT_TRUE(connection.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(x)"));
  EXPECT_EQ(connection.wal_pages_gone(), 0U);
}

}  // namespace
}  // namespace pawprint::sqlite
