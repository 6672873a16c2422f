#include "client/event_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <set>

#include "base/disk_above_for_test.h"
#include "base/file_lock.h"
#include "base/format.h"
#include "client/make_emitter.h"
#include "project/home.h"
#include "project/places.h"
#include "protocol/envelope.h"
#include "protocol/limits.h"

namespace pawprint::client {
namespace {

class EventStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-store-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = std::filesystem::canonical(pattern);
    home_ = root_ / "home";
    std::filesystem::create_directories(root_ / "project/.kittify");
    std::filesystem::create_directories(home_);
    environment_.variables["PAWPRINT_HOME"] = home_.string();
    environment_.directory = root_ / "project";
    environment_.user_home = root_;
    environment_.hostname = "host";
    environment_.username = "user";
    environment_.clock = &time_;
    environment_.random = &random_;
    environment_.disk = &disk_;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  static Event note() {
    Event event;
    event.event_type = "Note";
    event.aggregate_id = "WP01";
    return event;
  }
  outbox::Outbox outbox() { return outbox::Outbox::open(environment_, home_).value(); }
  std::uint64_t spilled() { return outbox().overflow().value().total(); }
  void limit_queue(int rows) {
    std::ofstream(home_ / "pawprint.toml") << "[sync]\nqueue_limit = " << rows << "\n";
  }
  outbox::Link link_project() {
    const auto places = project::find_project(environment_).value();
    const auto home = project::find_home(environment_).value();
    Warnings warnings;
    const auto identity = project::ensure_identity(environment_, places, home, {}, warnings);
    outbox::Link link;
    link.project_uuid = identity.uuid.value();
    link.repo_instance = identity.repo_instance;
    link.server_origin = "http://127.0.0.1:1";
    link.team_id = link.team_slug = "acme";
    link.user_id = "kim";
    return outbox().link(link, false).value().link;
  }
  // Lamport values in the order in which they came into the queue.
  std::vector<std::uint64_t> queued() {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    auto query = connection->prepare("SELECT lamport FROM queue ORDER BY id");
    std::vector<std::uint64_t> values;
    while (query->step().value()) values.push_back(static_cast<std::uint64_t>(query->integer(0)));
    return values;
  }
  // Only what writes to it sees that.
  void destroy_index(const std::string& name) {
    const Path file = home_ / "outbox.db";
    std::int64_t page = 0;
    {
      auto connection = sqlite::Connection::open(file, sqlite::Access::read_write).value();
      auto query =
          connection.prepare("SELECT rootpage FROM sqlite_schema WHERE name = '" + name + "'").value();
      ASSERT_TRUE(query.step().value());
      page = query.integer(0);
    }
    {
      auto connection = sqlite::Connection::open(file, sqlite::Access::read_write).value();
      ASSERT_TRUE(connection.execute("SELECT count(*) FROM queue"));  // it sees the WAL only then
      ASSERT_TRUE(connection.checkpoint_truncate());
    }
    std::fstream bytes(file, std::ios::binary | std::ios::in | std::ios::out);
    bytes.seekp((page - 1) * 4096) << std::string(4096, '\0');
    ASSERT_TRUE(bytes.flush());
  }
  static std::vector<std::string> causes(const Emitter& emitter) {
    std::vector<std::string> causes;
    for (const Warning& warning : emitter.warnings()) causes.push_back(warning.cause);
    return causes;
  }

  Path root_, home_;
  ManualClock time_{1'780'000'000'000};
  SeededRandom random_{11};
  PosixDisk disk_;
  Environment environment_;
};

TEST_F(EventStoreTest, AFullQueueSendsEventsToTheSpillWithOneWarning) {
  limit_queue(2);
  Emitter emitter = make_emitter(environment_);
  EXPECT_EQ(emitter.emit(note())->where, Where::queue);
  EXPECT_EQ(emitter.emit(note())->where, Where::queue);
  const auto spilled_receipt = emitter.emit(note());
  ASSERT_TRUE(spilled_receipt);
  EXPECT_EQ(spilled_receipt->where, Where::spill);
  EXPECT_EQ(spilled_receipt->durable_to, Durability::power);
  EXPECT_EQ(emitter.emit(note(), Durability::process)->durable_to, Durability::process);
  EXPECT_EQ(causes(emitter), std::vector<std::string>{"queue-full"});
  EXPECT_EQ(spilled(), 2U);
}

TEST_F(EventStoreTest, AFullUnlinkedClassHoldsNothingOfALinkedOneBack) {
  limit_queue(1);
  Emitter emitter = make_emitter(environment_);
  ASSERT_TRUE(emitter.emit(note()));
  EXPECT_EQ(emitter.emit(note())->where, Where::spill);
  const outbox::Link link = link_project();
  EXPECT_EQ(emitter.emit(note())->where, Where::queue);
  EXPECT_EQ(outbox().sendable(link, 10, 1 << 20)->size(), 1U);
}

TEST_F(EventStoreTest, ALockHeldForLongSendsEventsToTheSpillAndTheyComeBackInOrder) {
  Emitter emitter = make_emitter(environment_);
  ASSERT_EQ(emitter.emit(note())->where, Where::queue);
  {
    const auto held = FileLock::acquire_blocking(home_ / "home.lock");
    const auto receipt = emitter.emit(note());
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->where, Where::spill);
    EXPECT_EQ(emitter.emit(note())->where, Where::spill);
  }
  EXPECT_EQ(spilled(), 2U);
  // The thread that was given up waiting has the lock for a moment, too.
  std::uint64_t last = 3;
  for (Where where = Where::spill; where == Where::spill; ++last) where = emitter.emit(note())->where;
  const auto values = queued();
  EXPECT_EQ(values.size(), last);
  EXPECT_TRUE(std::ranges::is_sorted(values));
  EXPECT_EQ(spilled(), 0U);
}

// What the error says was waited for other processes, all waits together.
int waited_ms(const Error& error) {
  constexpr std::string_view kBefore = "for more than ";
  int sum = 0;
  std::string_view rest = error.message;
  for (auto at = rest.find(kBefore); at != rest.npos; at = rest.find(kBefore)) {
    rest.remove_prefix(at + kBefore.size());
    sum += std::stoi(std::string(rest));
  }
  return sum;
}

TEST_F(EventStoreTest, OfAllThatOthersHoldNothingIsWaitedForAnew) {
  ASSERT_TRUE(make_emitter(environment_).emit(note()));
  std::filesystem::create_directory(home_ / "spill");
  const auto queue = FileLock::acquire_blocking(home_ / "home.lock");
  const auto spill = FileLock::acquire_blocking(home_ / "spill/spill.lock");
  Emitter emitter = make_emitter(environment_);
  for (int i = 0; i < 2; ++i) {
    const auto refused = emitter.emit(note());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::not_stored);
    const std::string& message = refused.error().message;
    EXPECT_TRUE(message.contains("home.lock") && message.contains("spill.lock")) << message;
    EXPECT_EQ(waited_ms(refused.error()), 250) << message;
  }
}

TEST_F(EventStoreTest, WhatAnotherProcessSpillsGoesBeforeTheNextEvent) {
  Emitter emitter = make_emitter(environment_);
  ASSERT_EQ(emitter.emit(note())->where, Where::queue);
  Emitter other = make_emitter(environment_);
  {
    const auto held = FileLock::acquire_blocking(home_ / "home.lock");
    ASSERT_EQ(other.emit(note())->where, Where::spill);
  }
  // The thread that was given up waiting has the lock for a moment, too.
  while (emitter.emit(note())->where == Where::spill) continue;
  const auto values = queued();
  EXPECT_GE(values.size(), 3U);
  EXPECT_TRUE(std::ranges::is_sorted(values));
  EXPECT_EQ(spilled(), 0U);
}

TEST_F(EventStoreTest, WhoHasSpilledGoesOnSpillingUntilItsLinesAreBack) {
  limit_queue(1);
  const outbox::Link link = link_project();
  Emitter emitter = make_emitter(environment_);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(emitter.emit(note()));
  ASSERT_EQ(queued(), std::vector<std::uint64_t>{1});
  outbox::Outbox other = outbox();
  for (std::uint64_t next = 2; next <= 4; ++next) {
    const std::array sent{
        outbox::Settlement{other.sendable(link, 1, 1 << 20).value().at(0).id, outbox::RowState::sent, ""}};
    ASSERT_TRUE(other.settle(sent));
    EXPECT_EQ(emitter.emit(note())->where, Where::spill);
    EXPECT_EQ(queued().back(), next);
  }
}

TEST_F(EventStoreTest, ADestinationSurvivesTheSpill) {
  const outbox::Link link = link_project();
  Emitter emitter = make_emitter(environment_);
  {
    const auto held = FileLock::acquire_blocking(home_ / "home.lock");
    ASSERT_EQ(emitter.emit(note())->where, Where::spill);
  }
  outbox::Outbox later = outbox();
  ASSERT_TRUE(later.refill(10));
  const auto rows = later.sendable(link, 10, 1 << 20).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(protocol::read_envelope(rows[0].data)->team_slug, "acme");
}

TEST_F(EventStoreTest, ACopyThatNobodyLinkedSaysSoOnce) {
  outbox::Link elsewhere = link_project();
  outbox::Outbox queue = outbox();
  ASSERT_TRUE(queue.unlink(elsewhere.project_uuid, elsewhere.repo_instance));
  elsewhere.repo_instance = "/another/copy";
  ASSERT_TRUE(queue.link(elsewhere, false));
  Emitter emitter = make_emitter(environment_);
  ASSERT_TRUE(emitter.emit(note()));
  ASSERT_TRUE(emitter.emit(note()));
  EXPECT_EQ(causes(emitter), std::vector<std::string>{"copy-not-linked"});
}

TEST_F(EventStoreTest, ADatabaseOfANewerProgramIsNotTouchedAndLosesNoEvent) {
  outbox();
  {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    ASSERT_TRUE(connection->execute("PRAGMA user_version = 99"));
  }
  Emitter emitter = make_emitter(environment_);
  EXPECT_EQ(emitter.emit(note())->where, Where::spill);
  EXPECT_EQ(emitter.emit(note())->lamport_clock, 2U);
  {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    ASSERT_TRUE(connection->execute("PRAGMA user_version = 1"));
  }
  EXPECT_EQ(make_emitter(environment_).emit(note())->where, Where::queue);
  EXPECT_EQ(queued(), (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(EventStoreTest, AForeignProgramThatLocksTheDatabaseStopsNoEmission) {
  outbox();
  Emitter emitter = make_emitter(environment_);
  {
    auto foreign = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    ASSERT_TRUE(foreign->execute("BEGIN IMMEDIATE"));
    const auto receipt = emitter.emit(note());
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->where, Where::spill);
  }
  EXPECT_EQ(emitter.emit(note())->where, Where::queue);
  EXPECT_EQ(queued(), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(EventStoreTest, ADatabaseThatIsNoneStopsNoEmission) {
  std::ofstream(home_ / "outbox.db") << "this was never a database, and is longer than a header would be: "
                                     << std::string(4096, 'x');
  Emitter emitter = make_emitter(environment_);
  const auto receipt = emitter.emit(note());
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->where, Where::queue);
  EXPECT_EQ(emitter.emit(note())->lamport_clock, 2U);
  const auto warnings = emitter.warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].cause, "outbox-salvaged");
}

TEST_F(EventStoreTest, SomethingElseInThePlaceOfTheDatabaseStopsNoEmission) {
  std::filesystem::create_directories(home_ / "outbox.db/unexpected");
  Emitter emitter = make_emitter(environment_);
  const auto receipt = emitter.emit(note());
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->where, Where::spill);
  EXPECT_EQ(receipt->durable_to, Durability::power);
}

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

TEST_F(EventStoreTest, WhatNeitherTakesIsReportedAsNotStored) {
  std::filesystem::create_directories(home_ / "outbox.db/unexpected");
  std::ofstream(home_ / "spill") << "a file where the directory belongs";
  Emitter emitter = make_emitter(environment_);
  const auto refused = emitter.emit(note());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::not_stored);
  EXPECT_NE(refused.error().message.find("outbox.db"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("spill"), std::string::npos) << refused.error().message;
}

TEST_F(EventStoreTest, ABrokenSettingsFileIsAWarning) {
  std::ofstream(home_ / "pawprint.toml") << "[sync\n";
  Emitter emitter = make_emitter(environment_);
  EXPECT_EQ(emitter.emit(note())->where, Where::queue);
  EXPECT_EQ(causes(emitter), std::vector<std::string>{"settings"});
}

TEST_F(EventStoreTest, AFullDiskStoresNothingHalf) {
  ASSERT_TRUE(make_emitter(environment_).emit(note()));
  limit_queue(1);
  ASSERT_EQ(make_emitter(environment_).emit(note())->where, Where::spill);
  const std::string before = read_file(disk_, home_ / "spill/events.jsonl").value().value();
  const pid_t child = ::fork();
  if (child == 0) {  // the system refuses to let a file grow beyond the limit, in the middle of a line
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{before.size() + 100, before.size() + 100};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto refused = make_emitter(environment_).emit(note());
    ::_exit(!refused && refused.error().kind == ErrorKind::not_stored ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(disk_, home_ / "spill/events.jsonl").value().value(), before);
  EXPECT_EQ(make_emitter(environment_).emit(note())->where, Where::spill);
  EXPECT_EQ(spilled(), 2U);
}

TEST_F(EventStoreTest, ProcessesThatSpillNowAndThenKeepTheirOwnOrder) {
  constexpr int kProcesses = 2;
  constexpr int kEvents = 60;
  ASSERT_TRUE(make_emitter(environment_).emit(note()));
  std::array<pid_t, kProcesses> children{};
  auto held = std::optional(FileLock::acquire_blocking(home_ / "home.lock"));
  for (int process = 0; process < kProcesses; ++process) {
    children[static_cast<std::size_t>(process)] = ::fork();
    if (children[static_cast<std::size_t>(process)] != 0) continue;
    SeededRandom random(static_cast<std::uint64_t>(process) + 100);
    environment_.random = &random;
    Emitter emitter = make_emitter(environment_);
    std::ofstream out(root_ / std::to_string(process));
    for (int i = 0; i < kEvents; ++i) {
      const auto receipt = emitter.emit(note(), Durability::process);
      if (!receipt) ::_exit(1);
      out << receipt->lamport_clock << std::endl;
    }
    ::_exit(0);
  }
  while (!std::filesystem::exists(home_ / "spill/events.jsonl")) ::sched_yield();
  held.reset();
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
  }
  ASSERT_TRUE(outbox().refill(10'000));
  const auto values = queued();
  EXPECT_EQ(values.size(), std::size_t{kProcesses * kEvents + 1});
  EXPECT_EQ(std::set(values.begin(), values.end()).size(), values.size());
  for (int process = 0; process < kProcesses; ++process) {
    std::ifstream in(root_ / std::to_string(process));
    auto from = values.begin();
    for (std::uint64_t value = 0; in >> value;) {
      from = std::find(from, values.end(), value);
      ASSERT_NE(from, values.end()) << "the order of process " << process << " breaks at " << value;
    }
  }
}

}  // namespace
}  // namespace pawprint::client
