#include "base/lock_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pawprint {
namespace {

using std::chrono::milliseconds;

class LockFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-lockfile-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  bool is_free() const { return FileLock::acquire(directory_ / "a", milliseconds(0)).has_value(); }

  Path directory_;
  PosixDisk disk_;
};

TEST_F(LockFileTest, IsTakenAgainAndAgainAndShutsOthersOutEachTime) {
  LockFile file(directory_ / "a");
  for (int turn = 0; turn < 3; ++turn) {
    {
      const auto lock = file.acquire(disk_, milliseconds(0));
      ASSERT_TRUE(lock);
      EXPECT_FALSE(is_free());
    }
    EXPECT_TRUE(is_free());
  }
}

TEST_F(LockFileTest, OpensItsFileOnceAndKeepsIt) {
  const auto open_files = [] {
    std::filesystem::directory_iterator entries("/proc/self/fd");
    return std::distance(begin(entries), end(entries));
  };
  LockFile file(directory_ / "a");
  const auto before = open_files();
  {
    const auto lock = file.acquire(disk_, milliseconds(0));
    ASSERT_TRUE(lock);
    EXPECT_EQ(open_files(), before + 1);
  }
  EXPECT_EQ(open_files(), before + 1);
}

TEST_F(LockFileTest, WhereItsDirectoryComesLaterItIsTakenThen) {
  LockFile file(directory_ / "later" / "a");
  EXPECT_FALSE(file.acquire(disk_, milliseconds(0)));
  std::filesystem::create_directory(directory_ / "later");
  EXPECT_TRUE(file.acquire(disk_, milliseconds(0)));
}

TEST_F(LockFileTest, ANamedPipeOrADirectoryIsALockThatHoldsNothing) {
  ASSERT_EQ(::mkfifo((directory_ / "pipe").c_str(), 0600), 0);
  std::filesystem::create_directory(directory_ / "directory");
  for (const char* name : {"pipe", "directory"}) {
    LockFile file(directory_ / name);
    const auto lock = file.acquire(disk_, milliseconds(0));
    ASSERT_TRUE(lock) << name;
    EXPECT_FALSE(FileLock::acquire(directory_ / name, milliseconds(0))) << name;
    EXPECT_TRUE(file.write("42")) << name;
    EXPECT_EQ(file.read(2).value_or("an error"), "") << name;
  }
}

TEST_F(LockFileTest, WhoComesSecondIsToldThatItIsBusy) {
  LockFile mine(directory_ / "a");
  ASSERT_TRUE(mine.acquire(disk_, milliseconds(0)));
  const auto theirs = FileLock::acquire(directory_ / "a", milliseconds(0));
  const auto refused = mine.acquire(disk_, milliseconds(0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::busy);
}

TEST_F(LockFileTest, AFileThatTookItsNameIsTheLockFromThenOn) {
  LockFile file(directory_ / "a");
  ASSERT_TRUE(file.acquire(disk_, milliseconds(0)));
  std::filesystem::remove(directory_ / "a");
  const auto theirs = FileLock::acquire(directory_ / "a", milliseconds(0));
  ASSERT_TRUE(theirs);
  EXPECT_FALSE(file.acquire(disk_, milliseconds(0))) << "the file that was removed shuts nobody out";
}

TEST_F(LockFileTest, AForkedChildTakesItForItselfAndNotThroughItsParent) {
  LockFile file(directory_ / "a");
  ASSERT_TRUE(file.acquire(disk_, milliseconds(0)));
  auto held = file.acquire(disk_, milliseconds(0));
  ASSERT_TRUE(held);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool had = file.acquire(disk_, milliseconds(0)).has_value();
    ::_exit(had ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "the child was given the lock that its parent holds";
  EXPECT_FALSE(is_free()) << "the child's end has freed its parent's lock";
}

}  // namespace
}  // namespace pawprint
