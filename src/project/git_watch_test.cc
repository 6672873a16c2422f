#include "project/git_watch.h"

#include <chrono>

#include "project/project_fixture.h"

namespace pawprint::project {
namespace {

// Counts what is read, so that a test can tell a look at a file from a reading of it.
class CountingDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode, unsigned permissions) override {
    ++opened;
    return disk_.open(path, mode, permissions);
  }
  Result<std::optional<FileStatus>> status(const Path& path) override { return disk_.status(path); }
  Result<void> rename(const Path& from, const Path& to) override { return disk_.rename(from, to); }
  Result<void> remove(const Path& path) override { return disk_.remove(path); }
  Result<void> make_directories(const Path& path, unsigned permissions) override {
    return disk_.make_directories(path, permissions);
  }
  Result<void> sync_directory(const Path& path) override { return disk_.sync_directory(path); }
  Result<std::vector<std::string>> list(const Path& directory) override { return disk_.list(directory); }
  Result<FileSystem> file_system(const Path& path) override { return disk_.file_system(path); }
  int opened = 0;

 private:
  PosixDisk disk_;
};

class GitWatchTest : public ProjectTest {
 protected:
  void SetUp() override {
    ProjectTest::SetUp();
    // Long after the files of the test were written, so that their times can be relied on.
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    clock_.jump_wall_ms(now_ms + 3'600'000 - clock_.unix_ms());
    environment_.disk = &counting_;
    root_ = new_repository();
    commit(root_);
    watch_.emplace(environment_, find_init_place(in(root_)).value());
    EXPECT_EQ(watch_->now(warnings_).head_commit_sha, git(root_, {"rev-parse", "HEAD"}));
    counting_.opened = 0;
  }

  Path root_;
  CountingDisk counting_;
  Warnings warnings_;
  std::optional<GitWatch> watch_;
};

TEST_F(GitWatchTest, ReadsNothingWhileNothingChanges) {
  EXPECT_EQ(watch_->now(warnings_).branch, "main");
  EXPECT_EQ(watch_->now(warnings_).branch, "main");
  EXPECT_EQ(counting_.opened, 0);
}

TEST_F(GitWatchTest, SeesACommit) {
  commit(root_);
  EXPECT_EQ(watch_->now(warnings_).head_commit_sha, git(root_, {"rev-parse", "HEAD"}));
}

TEST_F(GitWatchTest, SeesAnotherBranch) {
  git(root_, {"checkout", "-q", "-b", "next"});
  EXPECT_EQ(watch_->now(warnings_).branch, "next");
}

TEST_F(GitWatchTest, SeesReferencesBeingPackedAndACommitAfterwards) {
  git(root_, {"pack-refs", "--all"});
  EXPECT_EQ(watch_->now(warnings_).head_commit_sha, git(root_, {"rev-parse", "HEAD"}));
  commit(root_);
  EXPECT_EQ(watch_->now(warnings_).head_commit_sha, git(root_, {"rev-parse", "HEAD"}));
}

TEST_F(GitWatchTest, SeesARemoteThatIsAdded) {
  EXPECT_EQ(watch_->now(warnings_).repo_slug, std::nullopt);
  git(root_, {"remote", "add", "origin", "git@github.com:acme/demo.git"});
  EXPECT_EQ(watch_->now(warnings_).repo_slug, "acme/demo");
}

TEST_F(GitWatchTest, WithoutOriginSeesABranchAndNotARemote) {
  constexpr auto kFacts = GitWatch::Facts::without_origin;
  git(root_, {"remote", "add", "origin", "git@github.com:acme/demo.git"});
  EXPECT_EQ(watch_->now(warnings_, kFacts).repo_slug, std::nullopt);
  git(root_, {"checkout", "-q", "-b", "next"});
  EXPECT_EQ(watch_->now(warnings_, kFacts).branch, "next");
  EXPECT_EQ(watch_->now(warnings_, kFacts).repo_slug, "acme/demo") << "read with the rest";
}

TEST_F(GitWatchTest, AFileThatHasJustChangedIsReadAgain) {
  clock_.jump_wall_ms(-3'600'000);
  commit(root_);
  EXPECT_EQ(watch_->now(warnings_).head_commit_sha, git(root_, {"rev-parse", "HEAD"}));
  counting_.opened = 0;
  EXPECT_EQ(watch_->now(warnings_).head_commit_sha, git(root_, {"rev-parse", "HEAD"}));
  EXPECT_GT(counting_.opened, 0) << "another change within the same tick of the clock would not show";
}

}  // namespace
}  // namespace pawprint::project
