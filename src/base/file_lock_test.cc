#include "base/file_lock.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <thread>

namespace pawprint {
namespace {

class FileLockTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-lock-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  static bool busy(const Path& path) {
    const auto lock = FileLock::acquire(path, std::chrono::milliseconds(0));
    return !lock && lock.error().kind == ErrorKind::busy;
  }
  static bool succeeded(pid_t child) {
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  std::optional<FileLock> acquired(std::string_view name) {
    auto lock = FileLock::acquire_blocking(directory_ / name);
    if (!lock) return std::nullopt;
    return *std::move(lock);
  }

  Path directory_;
};

TEST_F(FileLockTest, WhatOneLockWasWaitedForIsNotThereForTheNext) {
  const auto others = std::array{acquired("a"), acquired("b"), acquired("c")};
  WaitBudget budget{std::chrono::milliseconds(30)};
  const auto asked = [&](std::string_view name, std::chrono::milliseconds kept) {
    const auto lock = FileLock::acquire(directory_ / name, LockWait(budget, kept));
    return lock ? "had" : lock.error().message.substr(lock.error().message.rfind('/') + 1);
  };
  EXPECT_EQ(asked("a", std::chrono::milliseconds(10)), "a for more than 20 ms");
  EXPECT_EQ(asked("b", {}), "b for more than 10 ms");
  EXPECT_EQ(asked("c", {}), "c");
  EXPECT_EQ(asked("free", {}), "had") << "what is free costs nothing";
}

// proc_locks(5): who is blocked in a lock is listed behind an arrow.
bool somebody_is_queued_for(const Path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return false;
  const std::string inode = ":" + std::to_string(status.st_ino) + " ";
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    if (line.contains("->") && line.contains(inode)) return true;
  }
  return false;
}

// Who polls is never there when the lock is let go, but for luck.
TEST_F(FileLockTest, WhoeverWaitsIsQueuedByTheKernelAndDoesNotAskAgainAndAgain) {
  for (const LockKind kind : {LockKind::flock, LockKind::record}) {
    auto held = FileLock::acquire(directory_ / "a", std::chrono::milliseconds(0), kind);
    ASSERT_TRUE(held);
    bool acquired = false;
    std::thread waiter(
        [&] { acquired = FileLock::acquire(directory_ / "a", std::chrono::seconds(40), kind).has_value(); });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    bool queued = false;
    while (!queued && std::chrono::steady_clock::now() < deadline) {
      queued = somebody_is_queued_for(directory_ / "a");
      std::this_thread::yield();
    }
    EXPECT_TRUE(queued);
    {
      const FileLock let_go = *std::move(held);
    }
    waiter.join();
    EXPECT_TRUE(acquired);
  }
}

TEST_F(FileLockTest, AChildThatLivesOnDoesNotKeepItsParentsLock) {
  auto lock = acquired("a");
  std::array<int, 2> end_of_parent{};
  ASSERT_EQ(::pipe(end_of_parent.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(end_of_parent[1]);
    char nothing = 0;
    ::_exit(::read(end_of_parent[0], &nothing, 1) == 0 ? 0 : 1);
  }
  lock.reset();
  EXPECT_FALSE(busy(directory_ / "a"));
  ::close(end_of_parent[1]);
  EXPECT_TRUE(succeeded(child));
  ::close(end_of_parent[0]);
}

TEST_F(FileLockTest, AChildThatDropsAnInheritedLockFreesNothing) {
  auto lock = acquired("a");
  const pid_t child = ::fork();
  if (child == 0) {
    lock.reset();
    ::_exit(busy(directory_ / "a") ? 0 : 1);
  }
  EXPECT_TRUE(succeeded(child));
  EXPECT_TRUE(busy(directory_ / "a"));
}

TEST_F(FileLockTest, AChildsOwnLockSurvivesTheEndOfAnInheritedOne) {
  auto lock = acquired("a");
  const pid_t child = ::fork();
  if (child == 0) {
    const auto own = acquired("b");
    lock.reset();
    ::_exit(busy(directory_ / "b") ? 0 : 1);
  }
  EXPECT_TRUE(succeeded(child));
}

}  // namespace
}  // namespace pawprint
