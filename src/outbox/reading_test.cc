#include <array>
#include <map>

#include "outbox/home_for_test.h"

namespace pawprint::outbox {
namespace {

class ReadingTest : public HomeTest {
 protected:
  // Name and content of every file of the home. The -shm file is memory that SQLite's processes share:
  // reading leaves marks in it, and its content is never needed again.
  std::map<std::string, std::string> files() {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(home_)) {
      const std::string name = entry.path().filename().string();
      all[name] = name.ends_with("-shm") ? "" : read_file(disk_, entry.path()).value().value_or("");
    }
    return all;
  }
};

TEST_F(ReadingTest, WithoutAnOutboxNothingIsCreated) {
  EXPECT_FALSE(Outbox::open_existing(environment_, home_).value());
  EXPECT_FALSE(std::filesystem::exists(home_));
}

TEST_F(ReadingTest, AHomeOfAnotherProgramStaysAsItIs) {
  ASSERT_TRUE(disk_.make_directories(home_, 0700));
  EXPECT_FALSE(Outbox::open_existing(environment_, home_).value());
  EXPECT_TRUE(std::filesystem::is_empty(home_));
}

TEST_F(ReadingTest, EverythingCanBeAskedWithoutAWrite) {
  {
    Outbox writer = open();
    const Link link = writer.link(destination(), false).value().link;
    const std::array rows{row(1), row(2, link.link_id)};
    ASSERT_TRUE(writer.append(rows, Durability::power));
  }
  const auto before = files();
  {
    auto reader = Outbox::open_existing(environment_, home_).value();
    ASSERT_TRUE(reader);
    const std::array sessions{session()};
    EXPECT_EQ(reader->snapshot(sessions).value().sendable, 1U);
    EXPECT_EQ(reader->high_water().value(), 2U);
    EXPECT_EQ(reader->waiting_links().value().size(), 1U);
    EXPECT_FALSE(reader->linked_elsewhere(destination().project_uuid, "/repo/.git").value());
    const std::array rows{row(3)};
    EXPECT_FALSE(reader->append(rows, Durability::power));
  }
  EXPECT_EQ(files(), before);
}

TEST_F(ReadingTest, AReaderInTheWayOfACheckpointHoldsNobodyUp) {
  Outbox writer = open();
  const std::array first{row(1)};
  ASSERT_TRUE(writer.append(first, Durability::process));
  auto reader = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_only);
  auto reading = reader->prepare("SELECT id FROM queue");
  ASSERT_TRUE(reading->step().value());
  for (std::uint64_t i = 2; i <= 200; ++i) {
    const std::array rows{row(i)};
    ASSERT_TRUE(writer.append(rows, Durability::process)) << i;
  }
  reading->reset();
  const std::array last{row(201)};
  ASSERT_TRUE(writer.append(last, Durability::process));
  EXPECT_LT(disk_.status(home_ / "outbox.db-wal").value()->size_bytes, 512U << 10);
}

TEST_F(ReadingTest, TheWalOfCommandsThatWriteOnceStaysShortSinceTheNextOneReadsItAll) {
  for (std::uint64_t i = 1; i <= 60; ++i) {
    Outbox command = open();
    const std::array rows{row(i)};
    ASSERT_TRUE(command.append(rows, Durability::process)) << i;
    EXPECT_LE(disk_.status(home_ / "outbox.db-wal").value()->size_bytes, 280U << 10) << i;
  }
}

// A sync of a file that grows costs far more than one of bytes that are written over.
TEST_F(ReadingTest, TheWalOfCommandsThatWriteOnceIsWrittenOverInsteadOfGrowingAnew) {
  std::uint64_t former_bytes = 0;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    Outbox command = open();
    const std::array rows{row(i)};
    ASSERT_TRUE(command.append(rows, Durability::process)) << i;
    const std::uint64_t bytes = disk_.status(home_ / "outbox.db-wal").value()->size_bytes;
    EXPECT_GE(bytes, former_bytes) << i;
    former_bytes = bytes;
  }
}

TEST_F(ReadingTest, TheWalOfOneThatWritesOnGrowsLonger) {
  Outbox writer = open();
  std::uint64_t longest = 0;
  for (std::uint64_t i = 1; i <= 60; ++i) {
    const std::array rows{row(i)};
    ASSERT_TRUE(writer.append(rows, Durability::process)) << i;
    longest = std::max(longest, disk_.status(home_ / "outbox.db-wal").value()->size_bytes);
  }
  EXPECT_GT(longest, 256U << 10);
}

TEST_F(ReadingTest, TheWalOfOneThatWritesOnIsWrittenOverInsteadOfGrowingAnew) {
  Outbox writer = open();
  std::uint64_t former_bytes = 0;
  for (std::uint64_t i = 1; i <= 400; ++i) {
    const std::array rows{row(i)};
    ASSERT_TRUE(writer.append(rows, Durability::process)) << i;
    const std::uint64_t bytes = disk_.status(home_ / "outbox.db-wal").value()->size_bytes;
    EXPECT_GE(bytes, former_bytes) << i;
    former_bytes = bytes;
  }
  EXPECT_LE(former_bytes, 600U << 10);
}

}  // namespace
}  // namespace pawprint::outbox
