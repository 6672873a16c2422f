#include "sqlite/gathered_wal.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <random>
#include <vector>

#include "sqlite/connection.h"

namespace pawprint::sqlite {
namespace {

// The default VFS while it stands, below ours: notes each write to a WAL, and refuses them when told.
class SeenWrites {
 public:
  SeenWrites() {
    sqlite3_initialize();
    real_ = sqlite3_vfs_find("unix");
    vfs_ = *real_;
    vfs_.zName = "seen-writes";
    vfs_.xOpen = open;
    sqlite3_vfs_register(&vfs_, 1);
    lengths.clear();
    refuses = false;
  }
  ~SeenWrites() { sqlite3_vfs_unregister(&vfs_); }
  SeenWrites(const SeenWrites&) = delete;

  static inline std::vector<int> lengths;
  static inline bool refuses = false;

 private:
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const int code = real_->xOpen(real_, name, file, flags, out_flags);
    if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return code;
    real_write_ = file->pMethods->xWrite;
    methods_ = *file->pMethods;
    methods_.xWrite = write;
    file->pMethods = &methods_;
    return code;
  }
  static int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
    if (refuses) return SQLITE_FULL;
    lengths.push_back(bytes);
    return real_write_(file, from, bytes, offset);
  }

  static inline sqlite3_vfs* real_;
  static inline sqlite3_io_methods methods_;
  static inline int (*real_write_)(sqlite3_file*, const void*, int, sqlite3_int64);
  sqlite3_vfs vfs_{};
};

class GatheredWalTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-wal-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    file_ = directory_ / "test.db";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  Connection opened(const Path& file) {
    auto connection = Connection::open(file, Access::create).value();
    connection.no_checkpoint_on_close().value();
    connection.execute("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        .value();
    return connection;
  }
  static Result<void> commit(Connection& connection, std::string_view sql) {
    PAW_TRY(transaction, Transaction::begin(connection));
    PAW_TRY(done, connection.execute(sql));
    return transaction.commit();
  }
  static std::string told(Connection& connection, std::string_view sql) {
    auto query = connection.prepare(sql).value();
    return query.step().value() ? query.text(0) : "";
  }
  // All that the files hold now, as whoever finds them after a crash of this process reads it.
  std::string in_the_files(std::string_view sql) {
    const Path copy = directory_ / "copy.db";
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy_file(file_.string() + suffix, copy.string() + suffix,
                                 std::filesystem::copy_options::overwrite_existing);
    }
    std::filesystem::remove(copy.string() + "-shm");
    auto found = Connection::open(copy, Access::read_write).value();
    EXPECT_EQ(told(found, "PRAGMA integrity_check"), "ok");
    return told(found, sql);
  }

  SeenWrites seen_;
  Path directory_;
  Path file_;
};

constexpr std::string_view kAllRows = "SELECT group_concat(a || ':' || length(b) || ':' || c) FROM t";

TEST_F(GatheredWalTest, ACommitIsOneWrite) {
  auto connection = opened(file_);
  connection.execute("CREATE TABLE t(a UNIQUE, b, c)").value();
  connection.execute("INSERT INTO t VALUES(1, zeroblob(10000), 0)").value();
  SeenWrites::lengths.clear();
  commit(connection, "INSERT INTO t VALUES(2, zeroblob(10000), 0)").value();
  ASSERT_EQ(SeenWrites::lengths.size(), 1u);
  EXPECT_EQ(SeenWrites::lengths[0] % (24 + 4096), 0);
  EXPECT_GE(SeenWrites::lengths[0], 4 * (24 + 4096));
  EXPECT_EQ(in_the_files("SELECT count(*) FROM t"), "2");
}

TEST_F(GatheredWalTest, ALargeCommitIsWrittenInPieces) {
  auto connection = opened(file_);
  connection.execute("CREATE TABLE t(a UNIQUE, b, c)").value();
  SeenWrites::lengths.clear();
  commit(connection, "INSERT INTO t VALUES(1, zeroblob(1000000), 0)").value();
  EXPECT_GE(SeenWrites::lengths.size(), 16u);
  EXPECT_LE(SeenWrites::lengths.size(), 20u);
  EXPECT_EQ(in_the_files("SELECT length(b) FROM t"), "1000000");
}

TEST_F(GatheredWalTest, AWriteThatTheDiskRefusesTakesTheWholeCommitBack) {
  auto connection = opened(file_);
  connection.execute("CREATE TABLE t(a UNIQUE, b, c)").value();
  connection.execute("INSERT INTO t VALUES(1, 'kept', 0)").value();
  SeenWrites::refuses = true;
  EXPECT_FALSE(commit(connection, "INSERT INTO t VALUES(2, zeroblob(10000), 0)"));
  SeenWrites::refuses = false;
  EXPECT_EQ(in_the_files(kAllRows), "1:4:0");
  commit(connection, "INSERT INTO t VALUES(3, zeroblob(10000), 0)").value();
  EXPECT_EQ(told(connection, kAllRows), "1:4:0,3:10000:0");
  EXPECT_EQ(in_the_files(kAllRows), "1:4:0,3:10000:0");
}

// Transactions that write the same pages again and again, with a cache that holds few of them: SQLite writes
// over frames that are in the WAL already and computes their checksums anew. Some are taken back, and the WAL
// begins again at its start.
TEST_F(GatheredWalTest, WhatWasCommittedIsInTheFileWhateverWayItGotThere) {
  std::mt19937 random(20261121);
  const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  auto connection = opened(file_);
  connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b, c)").value();
  connection.execute("PRAGMA cache_size = 4").value();
  std::size_t headers_written_alone = 0;
  for (int transaction = 0; transaction < 150; ++transaction) {
    connection.execute(below(2) == 0 ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL").value();
    SeenWrites::lengths.clear();
    std::optional<Transaction> open = Transaction::begin(connection).value();
    for (int step = below(12); step >= 0; --step) {
      if (below(5) == 0) connection.execute("SAVEPOINT s").value();
      const std::string key = std::to_string(below(30)), length = std::to_string(below(9000));
      connection
          .execute("INSERT INTO t VALUES(" + key + ", zeroblob(" + length +
                   "), 0) ON CONFLICT(a) DO UPDATE SET b = zeroblob(" + length + "), c = c + 1")
          .value();
      if (below(5) == 0) connection.execute("UPDATE t SET c = c + 1").value();
    }
    if (below(6) != 0) open->commit().value();
    open.reset();
    headers_written_alone += static_cast<std::size_t>(std::ranges::count(SeenWrites::lengths, 24));
    const std::string found = in_the_files(kAllRows);  // before a read that would bring the rest to the file
    ASSERT_EQ(found, told(connection, kAllRows)) << "after transaction " << transaction;
    if (below(10) == 0) connection.execute("PRAGMA wal_checkpoint(PASSIVE)").value();
    if (below(20) == 0) connection.checkpoint_in_place().value();
    if (below(20) == 0) connection.checkpoint_truncate().value();
  }
  EXPECT_GT(headers_written_alone, 0u) << "checksums were computed anew";
}

// What a transaction wrote before it was taken back is no longer of the WAL: another one writes in its place.
TEST_F(GatheredWalTest, WhatWasTakenBackNeverComesOverWhatAnotherCommitted) {
  auto one = opened(file_), other = opened(file_);
  one.execute("CREATE TABLE t(a UNIQUE, b, c); INSERT INTO t VALUES(0, '', 0)").value();
  one.execute("PRAGMA cache_size = 2").value();
  for (int turn = 1; turn <= 10; ++turn) {
    other.checkpoint_truncate().value();  // so that taking back reads nothing from the WAL
    {
      auto taken_back = Transaction::begin(one).value();
      one.execute("INSERT INTO t VALUES('x', zeroblob(30000), 0)").value();
    }
    auto committed = Transaction::begin(other).value();
    other.execute("INSERT INTO t VALUES(" + std::to_string(turn) + ", zeroblob(9000), 0)").value();
    committed.commit().value();
    EXPECT_EQ(told(one, "SELECT group_concat(length(b)) FROM t WHERE a = " + std::to_string(turn)), "9000");
    ASSERT_EQ(in_the_files("SELECT count(*) FROM t"), std::to_string(turn + 1));
  }
}

TEST_F(GatheredWalTest, AWalThatIsEmptiedInPlaceHasItsLengthAndNothingElse) {
  std::uintmax_t length = 0;
  {
    auto connection = opened(file_);
    connection.execute("CREATE TABLE t(a UNIQUE, b, c)").value();
    for (int row = 0; row < 20; ++row)
      commit(connection, "INSERT INTO t VALUES(" + std::to_string(row) + ", zeroblob(9000), 0)").value();
    length = std::filesystem::file_size(file_.string() + "-wal");
    connection.checkpoint_in_place().value();
    EXPECT_EQ(std::filesystem::file_size(file_.string() + "-wal"), length);
    EXPECT_EQ(in_the_files("SELECT count(*) FROM t"), "20");
  }
  for (int row = 20; row < 30; ++row) {  // each as a process of its own
    auto connection = opened(file_);
    commit(connection, "INSERT INTO t VALUES(" + std::to_string(row) + ", zeroblob(9000), 0)").value();
    EXPECT_LE(connection.wal_pages(), 6U * static_cast<unsigned>(row - 19))
        << "what was there before is in it";
    EXPECT_EQ(std::filesystem::file_size(file_.string() + "-wal"), length);
    EXPECT_EQ(in_the_files("SELECT count(*) FROM t"), std::to_string(row + 1));
  }
  auto connection = opened(file_);
  connection.execute("SELECT 1 FROM t").value();  // a checkpoint sees the WAL only then
  connection.checkpoint_truncate().value();
  EXPECT_EQ(std::filesystem::file_size(file_.string() + "-wal"), 0U);
  EXPECT_EQ(told(connection, "SELECT count(*) || ' ' || sum(length(b)) FROM t"), "30 270000");
}

TEST_F(GatheredWalTest, TwoConnectionsThatWriteInTurnsSeeEachOther) {
  auto one = opened(file_), other = opened(file_);
  one.execute("CREATE TABLE t(a UNIQUE, b, c)").value();
  for (int turn = 0; turn < 40; ++turn) {
    Connection& writes = turn % 2 == 0 ? one : other;
    Connection& reads = turn % 2 == 0 ? other : one;
    commit(writes, "INSERT INTO t VALUES(" + std::to_string(turn) + ", zeroblob(9000), 0)").value();
    EXPECT_EQ(told(reads, "SELECT count(*) FROM t"), std::to_string(turn + 1));
    if (turn % 7 == 0) reads.execute("PRAGMA wal_checkpoint(PASSIVE)").value();
  }
  EXPECT_EQ(in_the_files("SELECT count(*) FROM t"), "40");
}

}  // namespace
}  // namespace pawprint::sqlite
