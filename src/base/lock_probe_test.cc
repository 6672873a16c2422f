#include "base/lock_probe.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file_lock.h"

namespace pawprint {
namespace {

class LockProbe : public testing::Test {
 protected:
  LockProbe() {
    std::string pattern = testing::TempDir() + "paw-probe-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    lock_ = directory_ / "some.lock";
  }
  ~LockProbe() override { std::filesystem::remove_all(directory_); }
  Path directory_, lock_;
};

TEST_F(LockProbe, ALockThatWasNeverTakenIsFreeAndIsNotMade) {
  EXPECT_FALSE(is_locked(lock_).value());
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
  EXPECT_FALSE(is_locked("/dev/null/some.lock").value());
}

TEST_F(LockProbe, TheHolderIsSeenForAsLongAsItHolds) {
  for (const LockKind kind : {LockKind::flock, LockKind::record}) {
    {
      const auto held = FileLock::acquire(lock_, std::chrono::milliseconds(0), kind);
      ASSERT_TRUE(held);
      EXPECT_TRUE(is_locked(lock_, kind).value());
    }
    EXPECT_FALSE(is_locked(lock_, kind).value());
    EXPECT_TRUE(FileLock::acquire(lock_, std::chrono::milliseconds(0), kind));
  }
}

TEST_F(LockProbe, ANamedPipeInItsPlaceIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo(lock_.c_str(), 0600), 0);
  EXPECT_FALSE(is_locked(lock_).value());
}

}  // namespace
}  // namespace pawprint
