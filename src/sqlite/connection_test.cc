#include "sqlite/connection.h"

#include <gtest/gtest.h>
#include <unistd.h>

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

TEST_F(SqliteTest, AMissingFileIsAnErrorThatNamesIt) {
  const auto connection = Connection::open(file_, Access::read_write);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().file, file_.string());
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
