// A home on a file system that several machines may use, as the disk tells.
#include <array>

#include "base/disk_above_for_test.h"
#include "outbox/home_for_test.h"
#include "outbox/readable.h"
#include "outbox/schema.h"
#include "outbox/spill_file.h"

namespace pawprint::outbox {
namespace {

class Nfs final : public DiskAbove {
 public:
  using DiskAbove::DiskAbove;
  Result<FileSystem> file_system(const Path&) override { return FileSystem{"NFS", false}; }
};

class NetworkHomeTest : public HomeTest {
 protected:
  void move_to_nfs() { environment_.disk = &nfs_; }
  std::string journal_mode() {
    const auto facts = database_facts(environment_, home_);
    return facts && *facts ? (*facts)->journal_mode : "none";
  }
  Result<Appended> append(std::uint64_t lamport) {
    Outbox outbox = open();
    const std::array rows{row(lamport)};
    return outbox.append(rows, Durability::power);
  }
  // Whether somebody else is kept out of the lock by what kind of lock.
  static bool excludes(const Path& lock, LockKind kind) {
    return !FileLock::acquire(lock, std::chrono::milliseconds(0), kind).has_value();
  }
  Nfs nfs_{disk_};
};

TEST_F(NetworkHomeTest, TheQueueHasNoWal) {
  move_to_nfs();
  ASSERT_TRUE(append(1));
  ASSERT_TRUE(append(2));
  EXPECT_EQ(journal_mode(), "truncate");
  EXPECT_FALSE(std::filesystem::exists(home_ / "outbox.db-wal"));
  EXPECT_FALSE(std::filesystem::exists(home_ / "outbox.db-shm"));
  EXPECT_EQ(open().high_water().value(), 2U);
}

// Whoever reads past it sees what was being written when its writer died.
TEST_F(NetworkHomeTest, AJournalThatIsYetToBeTakenBackIsNotReadPast) {
  move_to_nfs();
  ASSERT_TRUE(append(1));
  ASSERT_TRUE(Outbox::open_existing(environment_, home_).value());
  ASSERT_TRUE(disk_.open(home_ / "outbox.db-journal", OpenMode::create, 0600).value()->write_at(0, "begun"));
  const auto read = Outbox::open_existing(environment_, home_);
  ASSERT_FALSE(read);
  EXPECT_EQ(open().high_water().value(), 1U);
  EXPECT_TRUE(Outbox::open_existing(environment_, home_).value());
}

TEST_F(NetworkHomeTest, AQueueThatComesWithAWalLosesItAndNoEvent) {
  ASSERT_TRUE(append(1));
  EXPECT_EQ(journal_mode(), "wal");
  move_to_nfs();
  ASSERT_TRUE(append(2));
  EXPECT_EQ(journal_mode(), "truncate");
  EXPECT_FALSE(std::filesystem::exists(home_ / "outbox.db-wal"));
  const std::array known{row(1).event_id, row(2).event_id};
  EXPECT_EQ(open().known_ids(known).value().size(), 2U);
}

TEST_F(NetworkHomeTest, AQueueWithAWalThatIsInUseIsNotTouched) {
  ASSERT_TRUE(append(1));
  auto user = sqlite::Connection::open(home_ / kDatabase, sqlite::Access::read_write);
  ASSERT_TRUE(user->no_checkpoint_on_close() && user->execute("BEGIN; SELECT * FROM queue"));
  move_to_nfs();
  const auto opened = Outbox::open(environment_, home_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::busy);
  ASSERT_TRUE(user->execute("COMMIT"));
}

TEST_F(NetworkHomeTest, LocksAreOfTheKindThatServersKnow) {
  ASSERT_TRUE(disk_.make_directories(home_, 0700));
  EXPECT_EQ(lock_kind_for(disk_, home_).value(), LockKind::flock);
  EXPECT_EQ(lock_kind_for(nfs_, home_).value(), LockKind::record);
  const auto held = FileLock::acquire(home_ / kHomeLock, kLockWait, LockKind::record);
  ASSERT_TRUE(held);
  EXPECT_TRUE(excludes(home_ / kHomeLock, LockKind::record));
  move_to_nfs();
  const auto opened = Outbox::open(environment_, home_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::busy);
}

}  // namespace
}  // namespace pawprint::outbox
