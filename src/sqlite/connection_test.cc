#include "sqlite/connection.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <stop_token>

#include "sqlite/stop_by.h"

namespace pawprint::sqlite {
namespace {

class SqliteTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-sqlite-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    file_ = directory_ / "test.db";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  Path directory_;
  Path file_;
};

TEST_F(SqliteTest, AStatementIsUsableAgainAfterAnError) {
  auto connection = Connection::open(file_, Access::create);
  ASSERT_TRUE(connection);
  ASSERT_TRUE(connection->execute("CREATE TABLE t(a TEXT UNIQUE)"));
  auto insert = connection->prepare("INSERT INTO t(a) VALUES(?1)");
  ASSERT_TRUE(insert);
  EXPECT_TRUE(insert->bind(1, "it's").run());
  EXPECT_FALSE(insert->bind(1, "it's").run());
  EXPECT_TRUE(insert->bind(1, "another").run());
}

TEST_F(SqliteTest, AKeptStatementComesBackAsNewAndNeverToTwo) {
  auto connection = Connection::open(file_, Access::create);
  ASSERT_TRUE(connection);
  ASSERT_TRUE(connection->execute("CREATE TABLE t(a)"));
  constexpr std::string_view kInsert = "INSERT INTO t VALUES(?1) RETURNING (SELECT count(*) FROM t)";
  {
    auto left_half_way = connection->prepare_kept(kInsert);
    ASSERT_TRUE(left_half_way && *left_half_way->bind(1, "bound").step());
  }
  EXPECT_NE(sqlite3_next_stmt(connection->handle(), nullptr), nullptr) << "what was compiled stays";
  ASSERT_TRUE(connection->execute("DROP TABLE t; CREATE TABLE t(a)")) << "nothing is under way";
  auto one = connection->prepare_kept(kInsert), other = connection->prepare_kept(kInsert);
  ASSERT_TRUE(one && other);
  ASSERT_TRUE(one->run()) << "with nothing bound, in the table that is there now";
  ASSERT_TRUE(other->bind(1, "x").run());
  auto rows = connection->prepare("SELECT count(*), count(a) FROM t");
  ASSERT_TRUE(rows && *rows->step());
  EXPECT_EQ(rows->integer(0), 2);
  EXPECT_EQ(rows->integer(1), 1);
}

TEST_F(SqliteTest, WhatWasBoundWithoutACopyIsForgottenWhenTheBorrowingEnds) {
  auto connection = Connection::open(file_, Access::create);
  ASSERT_TRUE(connection);
  ASSERT_TRUE(connection->execute("CREATE TABLE t(a TEXT UNIQUE, b BLOB, c TEXT)"));
  auto insert = connection->prepare("INSERT INTO t(a, b, c) VALUES(?1, ?2, ?3)");
  ASSERT_TRUE(insert);
  const auto insert_borrowed = [&](const std::string& text) {
    const std::optional<std::string> none;
    BorrowedBindings row(*insert);
    return row.bind(1, text).bind_blob(2, std::string_view("\0b", 2)).bind(3, none).run();
  };
  EXPECT_TRUE(insert_borrowed("it's"));
  EXPECT_FALSE(insert_borrowed("it's")) << "and a failure leaves it usable";
  EXPECT_TRUE(insert->run()) << "with nothing bound";
  auto rows = connection->prepare("SELECT count(*), count(a), count(b), count(c), max(length(b)) FROM t");
  ASSERT_TRUE(rows && *rows->step());
  EXPECT_EQ(rows->integer(0), 2);
  EXPECT_EQ(rows->integer(1), 1);
  EXPECT_EQ(rows->integer(2), 1);
  EXPECT_EQ(rows->integer(3), 0);
  EXPECT_EQ(rows->integer(4), 2);
  rows->reset();

  auto left_half_way = connection->prepare("INSERT INTO t(a) VALUES(?1) RETURNING a");
  ASSERT_TRUE(left_half_way);
  const std::string text = "another";
  {
    BorrowedBindings row(*left_half_way);
    row.bind(1, text);
    ASSERT_TRUE(*left_half_way->step());
  }
  EXPECT_TRUE(connection->execute("DROP TABLE t")) << "nothing is under way";
}

TEST_F(SqliteTest, AnUncommittedTransactionLeavesNothing) {
  auto connection = Connection::open(file_, Access::create);
  ASSERT_TRUE(connection);
  ASSERT_TRUE(connection->execute("CREATE TABLE t(a)"));
  {
    auto transaction = Transaction::begin(*connection);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(connection->execute("INSERT INTO t VALUES(1)"));
  }
  auto count = connection->prepare("SELECT count(*) FROM t");
  ASSERT_TRUE(count);
  ASSERT_TRUE(count->step());
  EXPECT_EQ(count->integer(0), 0);
}

TEST_F(SqliteTest, AnErrorKeepsTheWordsOfTheDatabase) {
  auto connection = Connection::open(file_, Access::create);
  ASSERT_TRUE(connection);
  ASSERT_TRUE(connection->execute("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES(1)"));
  const auto again = connection->execute("INSERT INTO t VALUES(1)");
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().message.contains("t.a")) << again.error().message;
}

TEST_F(SqliteTest, AStatementIsEndedByAStopWhetherItRunsByThenOrNotAndTheNextOneRuns) {
  constexpr std::string_view kEndless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
  auto connection = Connection::open(file_, Access::create);
  ASSERT_TRUE(connection);
  {
    std::stop_source stop;
    const StopBy stopping(*connection, stop.get_token());
    auto endless = std::async(std::launch::async, [&] { return connection->execute(kEndless); });
    stop.request_stop();  // before it runs, or then
    for (const auto& ended : {endless.get(), connection->execute(kEndless)}) {
      ASSERT_FALSE(ended);
      EXPECT_EQ(ended.error().kind, ErrorKind::interrupted);
    }
  }
  EXPECT_TRUE(connection->execute("CREATE TABLE t(a)"));
}

// Called at each read of a database.
std::function<void()>& at_each_read() {
  static std::function<void()> call;
  return call;
}

ssize_t read_at(int file, void* bytes, std::size_t length, off_t offset) {
  if (at_each_read()) at_each_read()();
  return ::pread(file, bytes, length, offset);
}

// Has SQLite call `call` then, for as long as it lives.
class AtEachRead {
 public:
  explicit AtEachRead(std::function<void()> call) {
    at_each_read() = std::move(call);
    replace(reinterpret_cast<sqlite3_syscall_ptr>(&read_at));
  }
  AtEachRead(const AtEachRead&) = delete;
  AtEachRead& operator=(const AtEachRead&) = delete;
  ~AtEachRead() {
    replace(nullptr);
    at_each_read() = nullptr;
  }

 private:
  static void replace(sqlite3_syscall_ptr call) {
    sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
    for (const char* name : {"pread", "pread64"}) vfs->xSetSystemCall(vfs, name, call);
  }
};

class StoppedTest : public SqliteTest {
 protected:
  // Many pages, of few rows: all of them are checked in one instruction of SQLite's.
  Connection of_many_pages() {
    Connection::open(file_, Access::create)
        .value()
        .execute("CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob(4000000))")
        .value();
    return Connection::open(file_, Access::read_write).value();
  }
};

TEST_F(StoppedTest, ACheckOfThePagesEndsWhileItWalksThem) {
  auto connection = of_many_pages();
  std::stop_source stop;
  const StopBy stopping(connection, stop.get_token());
  int reads = 0;
  const AtEachRead counting([&] {
    if (++reads == 100) stop.request_stop();
  });
  const auto ended = connection.execute("PRAGMA integrity_check");
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::interrupted);
  EXPECT_LE(reads, 110) << "of a thousand";
}

TEST_F(StoppedTest, ACheckOfThePagesThatBeginsAfterTheStopReadsNone) {
  auto connection = of_many_pages();
  std::stop_source stop;
  const StopBy stopping(connection, stop.get_token());
  auto check = connection.prepare("PRAGMA integrity_check").value();
  stop.request_stop();
  int reads = 0;
  const AtEachRead counting([&] { ++reads; });
  const auto ended = check.step();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::interrupted);
  EXPECT_LE(reads, 10) << "of a thousand";
}

TEST_F(StoppedTest, AStopThatComesWhenNothingRunsAnyMoreEndsNothingThatComesThen) {
  auto connection = Connection::open(file_, Access::create).value();
  connection.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(a)").value();
  {
    std::stop_source stop;
    const StopBy stopping(connection, stop.get_token());
    stop.request_stop();
  }
  EXPECT_TRUE(connection.checkpoint_truncate());
  EXPECT_TRUE(connection.execute("INSERT INTO t VALUES(1)"));
}

TEST_F(SqliteTest, AMissingFileIsAnErrorThatNamesIt) {
  const auto connection = Connection::open(file_, Access::read_write);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().file, file_.string());
}

class WalIndexTest : public SqliteTest {
 protected:
  void SetUp() override {
    SqliteTest::SetUp();
    index_ = file_.string() + "-shm";
  }
  Connection opened() {
    auto connection = Connection::open(file_, Access::create).value();
    connection.no_checkpoint_on_close().value();
    connection.execute("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t(a)").value();
    return connection;
  }
  std::int64_t rows() {
    auto connection = opened();
    auto count = connection.prepare("SELECT count(*) FROM t").value();
    return count.step().value() ? count.integer(0) : -1;
  }
  std::string index() const {
    std::ifstream file(index_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Path index_;
};

TEST_F(WalIndexTest, IsMadeAnewByWhoeverFindsItWithoutOwner) {
  std::string of_one_row;
  {
    auto connection = opened();
    connection.execute("INSERT INTO t VALUES(1)").value();
    of_one_row = index();
    connection.execute("INSERT INTO t VALUES(2)").value();
  }
  ASSERT_EQ(of_one_row.size(), 32u << 10);
  std::ofstream(index_, std::ios::binary) << of_one_row;  // as after a power cut: whole, and of another time
  EXPECT_EQ(rows(), 2);
  std::ofstream(index_, std::ios::binary) << std::string(32 << 10, '\xA5');
  EXPECT_EQ(rows(), 2);
  std::ofstream(index_, std::ios::binary) << of_one_row << of_one_row;
  EXPECT_EQ(rows(), 2);
  EXPECT_EQ(index().size(), 32u << 10) << "no longer than the WAL needs";
}

TEST_F(WalIndexTest, OfAWalThatGrewBehindItIsRightFromTheFirstFrame) {
  for (int opening = 1; opening <= 3; ++opening) {
    {
      auto connection = opened();
      connection.execute("INSERT INTO t VALUES(zeroblob(40000))").value();
    }
    EXPECT_EQ(rows(), opening);
    if (opening != 2) continue;
    auto connection = opened();
    connection.checkpoint_truncate().value();
  }
  auto connection = opened();
  auto check = connection.prepare("PRAGMA integrity_check").value();
  ASSERT_TRUE(check.step().value());
  EXPECT_EQ(check.text(0), "ok");
}

TEST(UseFromOneThread, IsRefusedOnceSqliteIsInUse) {
  const auto open = Connection::open(":memory:", Access::create);
  ASSERT_TRUE(open);
  const auto refused = use_from_one_thread();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::failed);
}

}  // namespace
}  // namespace pawprint::sqlite
