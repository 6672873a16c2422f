// What events are numbered from where clock.json is lost or cannot be used.
#include <fstream>
#include <stdexcept>

#include "base/disk_above_for_test.h"
#include "client/event_store_fixture.h"
#include "protocol/limits.h"

namespace pawprint::client {
namespace {

TEST_F(EventStoreTest, AClockThatIsLostWithoutADatabaseIsHealedFromTheSpill) {
  std::filesystem::create_directories(home_ / "outbox.db/unexpected");
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_EQ(make_emitter(environment_).emit(note())->lamport_clock, i);
  std::filesystem::remove(home_ / "clock.json");
  EXPECT_EQ(make_emitter(environment_).emit(note())->lamport_clock, 4U);
}

// With its values in a queue that cannot be asked.
class ClockLostBesideAQueueTest : public EventStoreTest {
 protected:
  void SetUp() override {
    EventStoreTest::SetUp();
    Emitter emitter = make_emitter(environment_);
    for (int i = 0; i < 2; ++i) ASSERT_EQ(emitter.emit(note())->where, Where::queue);
  }
  sqlite::Connection foreign(const char* sql) {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    if (!connection || !connection->execute(sql)) throw std::runtime_error("the database cannot be used");
    return *std::move(connection);
  }
  void empty_clock() { std::filesystem::resize_file(home_ / "clock.json", 0); }
  void expect_to_go_on_from_two() {
    Emitter emitter = make_emitter(environment_);
    const auto spilled = emitter.emit(note());
    ASSERT_TRUE(spilled);
    EXPECT_EQ(spilled->where, Where::spill);
    EXPECT_EQ(spilled->lamport_clock, 3U);
    EXPECT_EQ(emitter.emit(note())->lamport_clock, 4U);
    EXPECT_EQ(causes(emitter).front(), "clock-healed");
  }
};

TEST_F(ClockLostBesideAQueueTest, GoesOnFromOneOfANewerProgram) {
  foreign("PRAGMA user_version = 99");
  empty_clock();
  expect_to_go_on_from_two();
}

TEST_F(ClockLostBesideAQueueTest, GoesOnFromOneThatAnotherProgramLocks) {
  const sqlite::Connection held = foreign("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  std::filesystem::remove(home_ / "clock.json");
  expect_to_go_on_from_two();
}

TEST_F(ClockLostBesideAQueueTest, IsNotBehindItAfterAValueWasSeen) {
  foreign("PRAGMA user_version = 99");
  empty_clock();
  Emitter emitter = make_emitter(environment_);
  ASSERT_TRUE(emitter.observe(1));
  EXPECT_EQ(emitter.emit(note())->lamport_clock, 4U);
}

// What could be asked counts, also where the clock can be read: a power cut may have left an old one.
TEST_F(ClockLostBesideAQueueTest, IsNotBehindTheQueueWhereTheOverflowCannotBeAsked) {
  std::ofstream(home_ / "clock.json") << R"({"value": 1})";
  std::filesystem::create_directories(home_ / "spill/events.jsonl");
  EXPECT_EQ(make_emitter(environment_).emit(note())->lamport_clock, 3U);
}

class UnreadableQueue final : public DiskAbove {
 public:
  using DiskAbove::DiskAbove;
  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode, unsigned permissions) override {
    if (path.filename() == "outbox.db") return fail(ErrorKind::io, "cannot open it: Permission denied");
    return DiskAbove::open(path, mode, permissions);
  }
};

// Its rows are in outbox.db, and SQLite opens no database beside such a WAL.
TEST_F(ClockLostBesideAQueueTest, IsNotBehindAQueueWhoseWalIsNoFile) {
  ASSERT_TRUE(foreign("PRAGMA wal_checkpoint(TRUNCATE)").execute("PRAGMA journal_mode = DELETE"));
  std::filesystem::create_directory(home_ / "outbox.db-wal");
  std::filesystem::remove(home_ / "clock.json");
  const auto receipt = make_emitter(environment_).emit(note());
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->where, Where::spill);
  EXPECT_GT(receipt->lamport_clock, 2U);
}

// A new value must be none that the queue may have.
TEST_F(ClockLostBesideAQueueTest, GoesOnFromTheTimeIfTheQueueCannotEvenBeRead) {
  foreign("PRAGMA user_version = 99");
  empty_clock();
  UnreadableQueue unreadable(disk_);
  environment_.disk = &unreadable;
  Emitter emitter = make_emitter(environment_);
  const std::uint64_t value = emitter.emit(note())->lamport_clock;
  EXPECT_GT(value, 1'000'000U);
  EXPECT_LT(value, protocol::lamport_ceiling(time_.unix_ms() / 1000 - 3600));
  EXPECT_EQ(emitter.emit(note())->lamport_clock, value + 1);
  EXPECT_EQ(causes(emitter).front(), "clock-healed");
}

TEST_F(EventStoreTest, AClockFileThatCannotBeUsedStopsNoEmission) {
  Emitter emitter = make_emitter(environment_);
  ASSERT_TRUE(emitter.emit(note()));
  std::filesystem::remove(home_ / "clock.json");
  std::filesystem::create_directory(home_ / "clock.json");
  Emitter later = make_emitter(environment_);
  for (int i = 0; i < 2; ++i) {
    const auto receipt = later.emit(note());
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->where, Where::queue);
  }
  EXPECT_EQ(queued(), (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(causes(later), std::vector<std::string>{"clock-unavailable"});
  std::filesystem::remove(home_ / "clock.json");
  EXPECT_TRUE(later.emit(note()));
  EXPECT_EQ(queued().back(), 4U);
}

// The value is the queue's mark and one: whoever comes next would have the same.
TEST_F(EventStoreTest, AClockFileThatCannotBeUsedNumbersNothingInTheOverflow) {
  limit_queue(1);
  Emitter emitter = make_emitter(environment_);
  ASSERT_TRUE(emitter.emit(note()));
  std::filesystem::remove(home_ / "clock.json");
  std::filesystem::create_directory(home_ / "clock.json");
  for (int i = 0; i < 2; ++i) {
    const auto refused = make_emitter(environment_).emit(note());
    ASSERT_FALSE(refused) << refused->lamport_clock;
    EXPECT_EQ(refused.error().kind, ErrorKind::not_stored);
    EXPECT_TRUE(refused.error().message.contains("clock.json")) << refused.error().message;
    EXPECT_TRUE(refused.error().hint.starts_with("mv ")) << refused.error().hint;
  }
}

// To mend the queue home.lock is given up: another process may have stored an event with that value by then.
TEST_F(EventStoreTest, AValueThatTheQueueAloneGaveIsNotUsedOnceItWasMended) {
  ASSERT_TRUE(make_emitter(environment_).emit(note()));
  std::filesystem::remove(home_ / "clock.json");
  std::filesystem::create_directory(home_ / "clock.json");
  destroy_index("queue_pending");
  const auto refused = make_emitter(environment_).emit(note());
  ASSERT_FALSE(refused) << refused->lamport_clock;
  EXPECT_EQ(refused.error().kind, ErrorKind::not_stored);
  EXPECT_TRUE(refused.error().message.contains("clock.json")) << refused.error().message;
  EXPECT_EQ(queued(), std::vector<std::uint64_t>{1});
  const auto stored = make_emitter(environment_).emit(note());
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(queued(), (std::vector<std::uint64_t>{1, 2}));
}

}  // namespace
}  // namespace pawprint::client
