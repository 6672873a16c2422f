#include "outbox/readable.h"

#include <array>
#include <set>

#include "outbox/home_for_test.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr std::uint64_t kRows = 400;

class ReadableTest : public HomeTest {
 protected:
  // A database with rows on many pages and nothing in its WAL.
  void given_rows() {
    Outbox outbox = open();
    for (std::uint64_t lamport = 1; lamport <= kRows; ++lamport) {
      NewRow each = row(lamport);
      each.data = fmt::format("{{\"n\":{},\"text\":\"{}\"}}", lamport, std::string(500, 'x'));
      const std::array rows{each};
      ASSERT_TRUE(outbox.append(rows, Durability::process));
    }
    auto connection = sqlite::Connection::open(home_ / kDatabase, sqlite::Access::read_write);
    ASSERT_TRUE(connection->checkpoint_truncate());
  }
  std::string database() { return read_file(disk_, home_ / kDatabase).value().value(); }
  void overwrite(std::size_t offset, std::string_view bytes) {
    auto file = disk_.open(home_ / kDatabase, OpenMode::read_write, 0600);
    ASSERT_TRUE((*file)->write_at(offset, bytes));
  }
  Result<std::optional<std::vector<UnreadableRows>>> read() {
    return read_what_is_readable(environment_, home_, [&](const ReadableRow& each) {
      EXPECT_TRUE(read_.insert(each.id).second) << each.id;
      EXPECT_TRUE(each.data.starts_with(fmt::format("{{\"n\":{},", each.id)));
    });
  }
  std::set<std::int64_t> read_;
};

TEST_F(ReadableTest, AWholeDatabaseIsReadToTheLastRow) {
  given_rows();
  EXPECT_TRUE(read().value()->empty());
  EXPECT_EQ(read_.size(), kRows);
  const auto facts = database_facts(environment_, home_).value();
  EXPECT_EQ(facts->journal_mode, "wal");
  EXPECT_EQ(facts->damage, "");
}

TEST_F(ReadableTest, ADestroyedPageCostsItsOwnRowsAndNoOthers) {
  given_rows();
  const std::size_t page = database().find("{\"n\":200,") / kPageBytes;
  overwrite(page * kPageBytes, std::string(kPageBytes, '\0'));
  const auto lost = read().value().value();
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_LE(lost[0].first_id, 200);
  EXPECT_GE(lost[0].last_id, 200);
  EXPECT_EQ(read_.size() + static_cast<std::size_t>(lost[0].last_id - lost[0].first_id) + 1, kRows);
  EXPECT_FALSE(database_facts(environment_, home_).value()->damage.empty());
}

TEST_F(ReadableTest, WhatLiesBetweenTwoDestroyedPagesIsReadToo) {
  given_rows();
  const std::string before = database();
  for (const char* text : {"{\"n\":50,", "{\"n\":350,"}) {
    overwrite(before.find(text) / kPageBytes * kPageBytes, std::string(kPageBytes, '\0'));
  }
  const auto lost = read().value().value();
  EXPECT_EQ(lost.size(), 2U);
  EXPECT_TRUE(read_.contains(200));
  EXPECT_TRUE(read_.contains(1));
  EXPECT_TRUE(read_.contains(kRows));
}

TEST_F(ReadableTest, ADatabaseCutOffAnywhereIsReadOrRefusedAndNeverWritten) {
  given_rows();
  const std::string whole = database();
  for (std::size_t size = 0; size < whole.size(); size += kPageBytes / 2) {
    std::filesystem::resize_file(home_ / kDatabase, size);
    const std::string before = database();
    read_.clear();
    const auto lost = read();
    EXPECT_TRUE(lost || lost.error().kind == ErrorKind::io) << size;
    EXPECT_EQ(database(), before);
    overwrite(0, whole);
  }
}

TEST_F(ReadableTest, WithoutADatabaseThereIsNothingToRead) {
  EXPECT_FALSE(read().value());
  EXPECT_FALSE(database_facts(environment_, home_).value());
  EXPECT_FALSE(std::filesystem::exists(home_));
}

}  // namespace
}  // namespace pawprint::outbox
