#include "project/places.h"

#include "base/disk_above_for_test.h"
#include "base/hash.h"
#include "project/project_fixture.h"

namespace pawprint::project {
namespace {

class PlacesTest : public ProjectTest {
 protected:
  Path new_project(const std::string& name = "repo") {
    const Path root = new_repository(name);
    write(root / ".kittify/config.yaml", "");
    commit(root);
    return root;
  }
};

TEST_F(PlacesTest, TheProjectIsTheNearestAncestorWithKittify) {
  write(directory_ / "outer/.kittify/config.yaml", "");
  write(directory_ / "outer/inner/.kittify/config.yaml", "");
  std::filesystem::create_directories(directory_ / "outer/inner/a/b");
  const auto places = find_project(in(directory_ / "outer/inner/a/b"));
  ASSERT_TRUE(places.has_value());
  EXPECT_EQ(places->root, directory_ / "outer/inner");
  EXPECT_EQ(places->checkout, places->root);
  EXPECT_EQ(places->git_dir, std::nullopt);
}

TEST_F(PlacesTest, OutsideOfAProjectInitIsNamed) {
  const Path root = new_repository();
  const auto places = find_project(in(root));
  ASSERT_FALSE(places.has_value());
  EXPECT_EQ(places.error().kind, ErrorKind::not_in_project);
  EXPECT_EQ(places.error().message, "not in a project: no .kittify in " + root.string() + " or above");
  EXPECT_EQ(places.error().hint, "pawprint init");
}

TEST_F(PlacesTest, AFileOfThatNameMakesNoProject) {
  write(directory_ / "a/.kittify", "");
  EXPECT_FALSE(find_project(in(directory_ / "a")).has_value());
}

class UnreadableKittify final : public DiskAbove {
 public:
  using DiskAbove::DiskAbove;
  Result<std::optional<FileStatus>> status(const Path& path) override {
    if (path.filename() == ".kittify")
      return fail(ErrorKind::io, "cannot look at " + path.string() + ": Input/output error");
    return below_.status(path);
  }
};

TEST_F(PlacesTest, AFolderThatTheDiskDoesNotTellOfIsNotTakenForNone) {
  const Path root = new_project();
  Environment environment = in(root);
  UnreadableKittify disk(disk_);
  environment.disk = &disk;
  for (const auto& places : {find_project(environment), find_init_place(environment)}) {
    ASSERT_FALSE(places.has_value());
    EXPECT_EQ(places.error().kind, ErrorKind::io);
    EXPECT_TRUE(places.error().message.contains("Input/output error")) << places.error().message;
  }
}

TEST_F(PlacesTest, FromALinkedWorktreeTheMainCheckoutIsTheProject) {
  const Path root = new_project();
  git(root, {"worktree", "add", "-q", "-b", "wp01", ".worktrees/wp01"});
  git(root, {"worktree", "add", "-q", "-b", "wp02", (directory_ / "elsewhere").string()});
  write(directory_ / "elsewhere/.kittify/config.yaml", "project:\n  slug: a-copy\n");
  std::filesystem::create_directories(directory_ / "elsewhere/sub");
  for (const Path& worktree : {root / ".worktrees/wp01", directory_ / "elsewhere"}) {
    const auto places = find_project(in(worktree));
    ASSERT_TRUE(places.has_value());
    EXPECT_EQ(places->root, root);
    EXPECT_EQ(places->checkout, worktree);
    EXPECT_EQ(places->git_common_dir, root / ".git");
    EXPECT_NE(places->git_dir, places->git_common_dir);
  }
  EXPECT_EQ(find_project(in(directory_ / "elsewhere/sub"))->root, root);
}

TEST_F(PlacesTest, AProjectInASubdirectoryHasItsPlaceInBothCheckouts) {
  const Path root = new_repository();
  write(root / "app/.kittify/config.yaml", "a: 1\n");
  git(root, {"add", "-A"});
  git(root, {"commit", "-q", "-m", "app"});
  git(root, {"worktree", "add", "-q", "-b", "wp01", (directory_ / "wt").string()});
  const auto places = find_project(in(directory_ / "wt/app"));
  ASSERT_TRUE(places.has_value());
  EXPECT_EQ(places->root, root / "app");
  EXPECT_EQ(places->checkout, directory_ / "wt/app");
}

TEST_F(PlacesTest, ARepositoryInsideTheProjectDoesNotSpeakForIt) {
  const Path root = new_project();
  const Path vendored = new_repository("repo/vendor/lib");
  const auto places = find_project(in(vendored));
  ASSERT_TRUE(places.has_value());
  EXPECT_EQ(places->root, root);
  EXPECT_EQ(places->git_dir, root / ".git");
}

TEST_F(PlacesTest, AWorktreeOfABareRepositoryIsItsOwnProject) {
  const Path root = new_project();
  git(directory_, {"clone", "-q", "--bare", "repo", "bare.git"});
  git(directory_ / "bare.git", {"worktree", "add", "-q", "-b", "wp01", (directory_ / "wt").string()});
  write(directory_ / "wt/.kittify/config.yaml", "");
  const auto places = find_project(in(directory_ / "wt"));
  ASSERT_TRUE(places.has_value());
  EXPECT_EQ(places->root, directory_ / "wt");
  EXPECT_EQ(find_init_place(in(directory_ / "bare.git")).error().kind, ErrorKind::usage);
}

TEST_F(PlacesTest, ASeparateGitDirectoryIsFollowed) {
  const Path root = directory_ / "repo";
  std::filesystem::create_directories(root / ".kittify");
  git(root, {"init", "-q", "--separate-git-dir", (directory_ / "store").string()});
  const auto places = find_project(in(root));
  EXPECT_EQ(places->git_dir, directory_ / "store");
  EXPECT_EQ(places->root, root);
}

TEST_F(PlacesTest, AGitDirectoryBehindALinkIsNamedByWhereItIs) {
  const Path root = new_project();
  std::filesystem::rename(root / ".git", directory_ / "moved.git");
  std::filesystem::create_directory_symlink(directory_ / "moved.git", root / ".git");
  const auto places = find_project(in(root));
  ASSERT_TRUE(places.has_value());
  EXPECT_EQ(places->git_common_dir, directory_ / "moved.git");
  EXPECT_EQ(places->git_root, root);
}

TEST_F(PlacesTest, AWorktreeThatNamesItsRepositoryThroughALinkLeadsToTheSameProject) {
  const Path root = new_project();
  const Path worktree = directory_ / "worktree";
  git(root, {"worktree", "add", "-q", worktree.string()});
  std::filesystem::create_directory_symlink(root, directory_ / "alias");
  write(worktree / ".git", "gitdir: " + (directory_ / "alias/.git/worktrees/worktree").string() + "\n");
  const auto places = find_project(in(worktree));
  ASSERT_TRUE(places.has_value());
  EXPECT_EQ(places->root, root);
  EXPECT_EQ(places->git_root, root);
  EXPECT_EQ(places->git_common_dir, root / ".git");
  EXPECT_EQ(places->checkout, worktree);
}

TEST_F(PlacesTest, InitWorksAtTheRootOfTheMainCheckout) {
  const Path root = new_repository();
  commit(root);
  git(root, {"worktree", "add", "-q", "-b", "wp01", (directory_ / "wt").string()});
  std::filesystem::create_directories(root / "a");
  EXPECT_EQ(find_init_place(in(root / "a"))->root, root);
  EXPECT_EQ(find_init_place(in(directory_ / "wt"))->root, root);
  std::filesystem::create_directories(directory_ / "plain/b");
  EXPECT_EQ(find_init_place(in(directory_ / "plain/b"))->root, directory_ / "plain/b");
}

TEST_F(PlacesTest, TheHomeIsChosenByVariablesAndHasAnIdUnlessItIsTheUsualOne) {
  EXPECT_EQ(find_home(environment_)->directory, directory_ / "home/.spec-kitty");
  EXPECT_EQ(find_home(environment_)->id, "");
  environment_.variables["SPEC_KITTY_HOME"] = (directory_ / "kitty").string();
  EXPECT_EQ(find_home(environment_)->directory, directory_ / "kitty");
  environment_.variables["PAWPRINT_HOME"] = "paw";
  EXPECT_EQ(find_home(environment_)->directory, directory_ / "paw");
  EXPECT_EQ(find_home(environment_)->id, hex(sha256((directory_ / "paw").string())).substr(0, 12));
  environment_.variables["PAWPRINT_HOME"] = (directory_ / "home/x/../.spec-kitty/").string();
  EXPECT_EQ(find_home(environment_)->id, "");
  EXPECT_FALSE(std::filesystem::exists(directory_ / "paw"));
}

TEST_F(PlacesTest, WithoutAnyHomeThatIsSaid) {
  environment_.user_home.clear();
  EXPECT_EQ(find_home(environment_).error().kind, ErrorKind::usage);
}

TEST_F(PlacesTest, TheHomeIsMadeForItsUserAlone) {
  ASSERT_TRUE(ensure_home(disk_, home()).has_value());
  EXPECT_EQ(disk_.status(home().directory).value()->mode, 0700U);
}

}  // namespace
}  // namespace pawprint::project
