#include "base/disk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <set>

#include "base/disk_above_for_test.h"
#include "base/file_lock.h"
#include "base/format.h"

namespace pawprint {
namespace {

class DiskTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-disk-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  Path directory_;
  PosixDisk disk_;
};

TEST_F(DiskTest, ReplacingGivesTheNewContentWithTheGivenPermissions) {
  const Path file = directory_ / "config";
  ASSERT_TRUE(replace_file(disk_, file, "old", 0644));
  ASSERT_TRUE(replace_file(disk_, file, "new", 0600));
  EXPECT_EQ(read_file(disk_, file).value(), "new");
  EXPECT_EQ(disk_.status(file).value()->mode, 0600U);
}

TEST_F(DiskTest, ReplacingKeepsTheModeThatTheUmaskWouldTake) {
  const Path file = directory_ / "config";
  const mode_t before = ::umask(0);
  ASSERT_TRUE(replace_file(disk_, file, "old", 0664));
  ::umask(0077);
  const auto replaced = replace_file(disk_, file, "new", 0664);
  const auto made = replace_file(disk_, directory_ / "fresh", "new", 0644);
  ::umask(before);
  ASSERT_TRUE(replaced && made);
  EXPECT_EQ(disk_.status(file).value()->mode, 0664U);
  EXPECT_EQ(disk_.status(directory_ / "fresh").value()->mode, 0600U);
}

TEST_F(DiskTest, ReplacingRemovesWhatKilledProcessesLeftBehind) {
  const Path file = directory_ / "config";
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(gone, nullptr, 0), gone);
  const Path left = directory_ / fmt::format(".config.{}.tmp", gone);
  const Path others = directory_ / fmt::format(".config.{}.tmp", ::getppid());
  const Path foreign = directory_ / ".config.x.tmp";
  for (const Path& each : {left, others, foreign}) ASSERT_TRUE(disk_.open(each, OpenMode::create_new, 0600));
  ASSERT_TRUE(replace_file(disk_, file, "new", 0644));
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_TRUE(std::filesystem::exists(others));
  EXPECT_TRUE(std::filesystem::exists(foreign));
}

class FailsToRename final : public DiskAbove {
 public:
  using DiskAbove::DiskAbove;
  Result<void> rename(const Path&, const Path&) override { return fail(ErrorKind::io, "no room"); }
};

TEST_F(DiskTest, AFailedReplaceLeavesTheOldFileAndNothingElse) {
  const Path file = directory_ / "config";
  ASSERT_TRUE(replace_file(disk_, file, "old", 0644));
  FailsToRename broken(disk_);
  EXPECT_FALSE(replace_file(broken, file, "new", 0644));
  EXPECT_EQ(read_file(disk_, file).value(), "old");
  const auto entries = std::distance(std::filesystem::directory_iterator(directory_), {});
  EXPECT_EQ(entries, 1);
}

TEST_F(DiskTest, AMissingFileIsNoError) {
  EXPECT_EQ(read_file(disk_, directory_ / "nothing").value(), std::nullopt);
  EXPECT_TRUE(disk_.remove(directory_ / "nothing"));
}

TEST_F(DiskTest, AnOpenFileIsTheOneThatItsNameLeadsTo) {
  const Path file = directory_ / "config";
  ASSERT_TRUE(replace_file(disk_, file, "content", 0640));
  const auto opened = disk_.open(file, OpenMode::read, 0);
  ASSERT_TRUE(opened);
  const FileStatus named = disk_.status(file).value().value();
  const FileStatus open = (*opened)->status().value();
  EXPECT_EQ(open.device, named.device);
  EXPECT_EQ(open.inode, named.inode);
  EXPECT_EQ(open.size_bytes, 7U);
  EXPECT_EQ(open.mode, 0640U);
  EXPECT_EQ(open.owner, ::getuid());
  EXPECT_EQ(open.links, 1U);
  EXPECT_FALSE(open.is_directory);
  ASSERT_TRUE(disk_.remove(file));
  EXPECT_EQ((*opened)->status()->links, 0U);
}

TEST_F(DiskTest, WhatIsNoFileIsNamedAndNotWaitedFor) {
  const Path pipe = directory_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const Path socket = directory_ / "socket";
  ASSERT_EQ(::mknod(socket.c_str(), S_IFSOCK | 0600, 0), 0);
  const Path device = directory_ / "device";
  std::filesystem::create_symlink("/dev/zero", device);
  const Path directory = directory_ / "its name";
  ASSERT_TRUE(disk_.make_directories(directory, 0700));
  const std::map<Path, std::string> kinds{
      {pipe, "a named pipe"}, {socket, "a socket"}, {device, "a device"}, {directory, "a directory"}};
  for (const auto& [path, kind] : kinds) {
    for (const OpenMode mode : {OpenMode::read, OpenMode::create}) {
      const auto opened = disk_.open(path, mode, 0600);
      ASSERT_FALSE(opened) << path;
      EXPECT_EQ(opened.error().message,
                fmt::format("cannot open {}: it is {}, not a file", path.string(), kind));
      EXPECT_EQ(opened.error().file, path.string());
    }
  }
  EXPECT_EQ(disk_.open(directory, OpenMode::read, 0600).error().hint,
            fmt::format("mv '{0}' '{0}.other'", directory.string()));
  EXPECT_EQ(disk_.open(device, OpenMode::read, 0600).error().hint,
            fmt::format("mv {0} {0}.other", device.string()));
  EXPECT_FALSE(disk_.status(pipe).value()->is_file);
}

TEST_F(DiskTest, NobodyIsToldToMoveADeviceAway) {
  EXPECT_EQ(disk_.open("/dev/null", OpenMode::read, 0600).error().hint, "ls -l /dev/null");
  const Path again = directory_ / "again";
  std::filesystem::create_directory_symlink("/dev", again);
  EXPECT_EQ(disk_.open(again / "null", OpenMode::read, 0600).error().hint,
            fmt::format("ls -l {}", (again / "null").string()));
}

TEST_F(DiskTest, ALinkThatLeadsToNothingIsNamedWithWhatToType) {
  const Path loop = directory_ / "loop";
  std::filesystem::create_symlink("loop", loop);
  const std::string moved = "mv " + loop.string() + " " + loop.string() + ".other";
  for (const Error& error : {disk_.status(loop / "below").error(), disk_.list(loop).error(),
                             disk_.open(loop, OpenMode::create, 0600).error(),
                             disk_.file_system(loop).error(), disk_.make_directories(loop, 0700).error()}) {
    const std::string named = error.file == loop.string() ? "it" : loop.string();
    EXPECT_TRUE(error.message.ends_with(": " + named + " is a symbolic link that leads to nothing"))
        << error.message;
    EXPECT_EQ(error.hint, moved);
  }
  // That may be a disk that is not mounted.
  const Path dangling = directory_ / "dangling";
  std::filesystem::create_symlink("not/there", dangling);
  for (const Error& error : {disk_.open(dangling, OpenMode::create, 0600).error(),
                             disk_.make_directories(dangling / "below", 0700).error()}) {
    EXPECT_TRUE(error.message.contains(" is a symbolic link that leads to nothing")) << error.message;
    EXPECT_EQ(error.hint, "ls -l " + dangling.string());
  }
}

TEST_F(DiskTest, WhatIsInThePlaceOfADirectoryIsNamed) {
  ASSERT_TRUE(replace_file(disk_, directory_ / "file", "", 0600));
  const Error error = disk_.make_directories(directory_ / "file", 0700).error();
  EXPECT_TRUE(error.message.ends_with("it is a file, not a directory")) << error.message;
  EXPECT_TRUE(error.hint.starts_with("mv ")) << error.hint;
}

TEST_F(DiskTest, ListsTheNamesOfADirectoryAndNoneOfOneThatIsNotThere) {
  ASSERT_TRUE(disk_.open(directory_ / "one", OpenMode::create_new, 0600));
  ASSERT_TRUE(disk_.make_directories(directory_ / "two", 0700));
  const auto names = disk_.list(directory_).value();
  EXPECT_EQ((std::set<std::string>{names.begin(), names.end()}), (std::set<std::string>{"one", "two"}));
  EXPECT_TRUE(disk_.list(directory_ / "nothing").value().empty());
  EXPECT_FALSE(disk_.list(directory_ / "one"));
}

TEST_F(DiskTest, TheFileSystemOfWhatIsNotThereYetIsThatOfWhatIsAboveIt) {
  EXPECT_TRUE(disk_.file_system(directory_).value().one_kernel);
  EXPECT_TRUE(disk_.file_system(directory_ / "not/yet/there").value().one_kernel);
}

TEST_F(DiskTest, MakesParentsToo) {
  ASSERT_TRUE(disk_.make_directories(directory_ / "a" / "b" / "c", 0700));
  EXPECT_TRUE(disk_.status(directory_ / "a/b/c").value()->is_directory);
  EXPECT_TRUE(disk_.make_directories(directory_ / "a" / "b" / "c", 0700));
}

TEST_F(DiskTest, ALockThatIsHeldIsBusyAndFreeAfterwards) {
  const Path file = directory_ / "a.lock";
  {
    const auto held = FileLock::acquire_blocking(file);
    ASSERT_TRUE(held);
    const auto second = FileLock::acquire(file, std::chrono::milliseconds(20));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::busy);
  }
  EXPECT_TRUE(FileLock::acquire(file, std::chrono::milliseconds(10'000)));
}

TEST_F(DiskTest, ADirectoryCanBeLocked) {
  EXPECT_TRUE(FileLock::acquire(directory_, std::chrono::milliseconds(1000)));
}

}  // namespace
}  // namespace pawprint
