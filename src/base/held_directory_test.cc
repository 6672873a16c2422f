#include "base/held_directory.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/disk_above_for_test.h"

namespace pawprint {
namespace {

// Counts how often what is there is found by its path, and how often a directory is opened.
class CountingDisk final : public DiskAbove {
 public:
  using DiskAbove::DiskAbove;
  Result<std::optional<FileStatus>> status(const Path& path) override {
    ++by_path;
    return DiskAbove::status(path);
  }
  Result<std::unique_ptr<Directory>> directory(const Path& path) override {
    ++opened;
    return below_.directory(path);
  }
  int by_path = 0;
  int opened = 0;
};

class HeldDirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-held-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = Path(pattern) / "home";
    std::filesystem::create_directory(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_.parent_path()); }
  void put(const std::string& name) { std::ofstream(directory_ / name) << "x"; }
  void replace_directory() {
    std::filesystem::rename(directory_, directory_.string() + ".before");
    std::filesystem::create_directory(directory_);
  }
  bool is_there(const std::string& name) {
    if (!held_) held_.emplace(disk_, clock_, directory_);
    return held_->status(name).value().has_value();
  }

  Path directory_;
  PosixDisk posix_;
  CountingDisk disk_{posix_};
  ManualClock clock_{1'800'000'000'000};
  std::optional<HeldDirectory> held_;
};

TEST_F(HeldDirectoryTest, SaysAtOnceWhatComesAndGoesInIt) {
  EXPECT_FALSE(is_there("file"));
  put("file");
  EXPECT_TRUE(is_there("file"));
  std::filesystem::create_directory(directory_ / "below");
  put("below/file");
  EXPECT_TRUE(is_there("below/file"));
  EXPECT_FALSE(is_there("file/nothing"));
  std::filesystem::remove(directory_ / "file");
  EXPECT_FALSE(is_there("file"));
}

TEST_F(HeldDirectoryTest, IsOpenedForTheSecondLookAndFoundByItsPathOnceASecond) {
  put("file");
  EXPECT_TRUE(is_there("file"));
  EXPECT_EQ(disk_.opened, 0);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(is_there("file"));
  EXPECT_EQ(disk_.opened, 1);
  EXPECT_EQ(disk_.by_path, 1);
  clock_.advance_ms(1'000);
  EXPECT_TRUE(is_there("file"));
  EXPECT_EQ(disk_.by_path, 2);
}

TEST_F(HeldDirectoryTest, AnotherInItsPlaceIsFollowedAfterASecondOrWhenItIsAskedFor) {
  put("file");
  ASSERT_TRUE(is_there("file") && is_there("file"));
  replace_directory();
  EXPECT_TRUE(is_there("file"));
  clock_.advance_ms(1'000);
  EXPECT_FALSE(is_there("file"));
  EXPECT_FALSE(is_there("file"));
  std::filesystem::remove(directory_);
  std::filesystem::rename(directory_.string() + ".before", directory_);
  held_->look_anew();
  EXPECT_TRUE(is_there("file"));
}

TEST_F(HeldDirectoryTest, MayNotBeThereYet) {
  std::filesystem::remove(directory_);
  EXPECT_FALSE(is_there("file"));
  EXPECT_FALSE(is_there("file"));
  std::filesystem::create_directory(directory_);
  put("file");
  EXPECT_TRUE(is_there("file"));
}

// As one on a network that was replaced there.
TEST_F(HeldDirectoryTest, WhereTheOpenOneCannotBeAskedWhatHasItsNameIs) {
  struct Stale final : Directory {
    Result<std::optional<FileStatus>> status(const std::string&) override {
      return fail(ErrorKind::io, "stale file handle");
    }
  };
  struct StaleDisk final : DiskAbove {
    using DiskAbove::DiskAbove;
    Result<std::unique_ptr<Directory>> directory(const Path&) override { return std::make_unique<Stale>(); }
  };
  StaleDisk stale(posix_);
  HeldDirectory held(stale, clock_, directory_);
  put("file");
  for (int look = 0; look < 3; ++look) {
    const auto found = held.status("file");
    ASSERT_TRUE(found) << look << found.error().message;
    EXPECT_TRUE(*found);
  }
}

// What a test changes of status() holds here as well.
TEST_F(HeldDirectoryTest, OfADiskThatIsNoneAsksItsStatus) {
  put("file");
  DiskAbove above(posix_);
  HeldDirectory held(above, clock_, directory_);
  EXPECT_TRUE(held.status("file").value());
  std::filesystem::remove(directory_ / "file");
  EXPECT_FALSE(held.status("file").value());
}

}  // namespace
}  // namespace pawprint
