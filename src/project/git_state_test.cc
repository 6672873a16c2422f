#include "project/git_state.h"

#include "project/git_config.h"
#include "project/project_fixture.h"

namespace pawprint::project {
namespace {

using Causes = std::vector<std::string>;

class GitStateTest : public ProjectTest {
 protected:
  // A program in the place of git.
  void put_git(const std::string& script) {
    const Path file = directory_ / "bin/git";
    write(file, "#!/bin/sh\n" + script);
    std::filesystem::permissions(file, std::filesystem::perms(0755));
    environment_.variables["PATH"] = file.parent_path().string();
  }
  // What we read is what git says.
  void same_as_git(const Path& where) {
    Warnings warnings;
    const GitState state = state_in(where, warnings);
    EXPECT_EQ(state.head_commit_sha, git(where, {"rev-parse", "HEAD"}));
    const std::string branch = git(where, {"rev-parse", "--abbrev-ref", "HEAD"});
    EXPECT_EQ(state.branch.value_or("HEAD"), branch);
    EXPECT_EQ(warnings.all().size(), 0U);
  }
};

TEST_F(GitStateTest, ABranchAndItsCommit) {
  const Path root = new_repository();
  commit(root);
  same_as_git(root);
  std::filesystem::create_directories(root / "a" / "b");
  same_as_git(root / "a" / "b");
  git(root, {"checkout", "-q", "-b", "feature/with-slash"});
  commit(root);
  same_as_git(root);
}

TEST_F(GitStateTest, ADetachedHead) {
  const Path root = new_repository();
  commit(root);
  git(root, {"checkout", "-q", "--detach"});
  same_as_git(root);
}

TEST_F(GitStateTest, PackedReferencesAndLooseOnesAboveThem) {
  const Path root = new_repository();
  commit(root);
  git(root, {"tag", "-a", "v1", "-m", "one"});
  git(root, {"branch", "main-2"});
  git(root, {"pack-refs", "--all", "--prune"});
  ASSERT_FALSE(std::filesystem::exists(root / ".git/refs/heads/main"));
  same_as_git(root);
  git(root, {"commit", "-q", "--allow-empty", "-m", "two"});
  same_as_git(root);
}

TEST_F(GitStateTest, ALinkedWorktreeHasItsOwnHead) {
  const Path root = new_repository();
  commit(root);
  git(root, {"remote", "add", "origin", "git@example.com:owner/My_Repo.git"});
  git(root, {"worktree", "add", "-q", "-b", "wp01", ".worktrees/wp01"});
  git(root / ".worktrees/wp01", {"commit", "-q", "--allow-empty", "-m", "two"});
  Warnings warnings;
  write(root / ".kittify/config.yaml", "");
  const auto places = find_project(in(root / ".worktrees/wp01")).value();
  const GitState state = read_git_state(environment_, places, warnings);
  EXPECT_EQ(state.branch, "wp01");
  EXPECT_EQ(state.head_commit_sha, git(root / ".worktrees/wp01", {"rev-parse", "HEAD"}));
  EXPECT_EQ(state.repo_slug, "owner/My_Repo");
  git(root, {"pack-refs", "--all", "--prune"});
  EXPECT_EQ(read_git_state(environment_, places, warnings).head_commit_sha, state.head_commit_sha);
}

TEST_F(GitStateTest, NoCommitYet) {
  const Path root = new_repository();
  Warnings warnings;
  const GitState state = state_in(root, warnings);
  EXPECT_EQ(state.branch, "main");
  EXPECT_EQ(state.head_commit_sha, std::nullopt);
  EXPECT_TRUE(warnings.all().empty());
}

TEST_F(GitStateTest, NoGitAtAll) {
  Warnings warnings;
  const GitState state = state_in(directory_, warnings);
  EXPECT_EQ(state.branch, std::nullopt);
  EXPECT_EQ(state.head_commit_sha, std::nullopt);
  EXPECT_EQ(state.origin_url, std::nullopt);
  EXPECT_TRUE(warnings.all().empty());
}

TEST_F(GitStateTest, ShaOf64DigitsAreReadToo) {
  const Path root = directory_ / "long";
  std::filesystem::create_directories(root);
  git(root, {"init", "-q", "--object-format=sha256"});
  commit(root);
  same_as_git(root);
}

TEST_F(GitStateTest, ASymbolicBranchIsFollowed) {
  const Path root = new_repository();
  commit(root);
  git(root, {"symbolic-ref", "refs/heads/alias", "refs/heads/main"});
  git(root, {"symbolic-ref", "HEAD", "refs/heads/alias"});
  Warnings warnings;
  EXPECT_EQ(state_in(root, warnings).head_commit_sha, git(root, {"rev-parse", "HEAD"}));
}

TEST_F(GitStateTest, TheOriginLosesItsSecrets) {
  const Path root = new_repository();
  git(root, {"remote", "add", "upstream", "https://example.com/other/one.git"});
  git(root,
      {"remote", "add", "origin", "https://ada:s3cr;et#\"x@example.com:8443/owner/My.Repo.git?token=abc"});
  Warnings warnings;
  const GitState state = state_in(root, warnings);
  EXPECT_EQ(state.repo_slug.value_or("").find("s3cr"), std::string::npos);
  EXPECT_EQ(state.origin_url.value_or("").find("s3cr"), std::string::npos);
  EXPECT_EQ(state.origin_url.value_or("").find("token"), std::string::npos);
}

TEST_F(GitStateTest, QuotedValuesCommentsAndContinuationsAreReadAsGitDoes) {
  const Path root = new_repository();
  write(root / ".git/config",
        "; comment\n[core] bare = false # x\n[Remote \"origin\"]\n\tURL = "
        "\"https://example.com/\"owner\\\n/a\\\"b.git   ; c\n"
        "\tfetch = +refs/heads/*:refs/remotes/origin/*\n\turl = https://example.com/second/x\n");
  Warnings warnings;
  const std::string all = git(root, {"config", "--get-all", "remote.origin.url"});
  EXPECT_EQ(state_in(root, warnings).origin_url, all.substr(0, all.find('\n')));
  EXPECT_EQ(state_in(root, warnings).repo_slug, "owner/a\"b");
}

TEST_F(GitStateTest, WhereTheConfigurationIncludesOrReplacesGitIsAskedForTheOrigin) {
  write(directory_ / "other", "[remote \"origin\"]\n\turl = https://kim:s3cret@example.com/o/included.git\n");
  struct Case {
    std::string extra, slug;
  };
  for (const Case& each : {
           Case{"[include]\n\tpath = " + (directory_ / "other").string() + "\n", "o/included"},
           Case{"[includeIf \"gitdir:" + directory_.string() +
                    "/\"]\n\tpath = " + (directory_ / "other").string() + "\n",
                "o/included"},
           Case{"[remote \"origin\"]\nurl = short:r.git\n[url \"https://kim:s3cret@mirror/team/\"]\n"
                "\tinsteadOf = short:\n",
                "team/r"},
           Case{"[include]\n\tpath = nowhere\n", ""},
       }) {
    const Path root = new_repository();
    commit(root);
    write(root / ".git/config", "[core]\n\trepositoryformatversion = 0\n" + each.extra);
    Warnings warnings;
    const GitState state = state_in(root, warnings);
    EXPECT_EQ(state.repo_slug.value_or(""), each.slug);
    EXPECT_EQ(state.origin_url.value_or("").find("s3cret"), std::string::npos);
    EXPECT_EQ(state.branch, "main");
    EXPECT_EQ(causes_of(warnings), Causes{});
    std::filesystem::remove_all(root);
  }
}

// A git of this age does not know reftable: what a newer one answers is given by a stand-in.
TEST_F(GitStateTest, ReferencesInAnotherFormatAreAskedOfGit) {
  const Path root = new_repository();
  commit(root);
  git(root, {"remote", "add", "origin", "https://example.com/o/r"});
  git(root, {"config", "core.repositoryformatversion", "1"});
  git(root, {"config", "extensions.refStorage", "reftable"});
  const std::string sha(40, 'a');
  put_git("case \"$*\" in\n*'rev-parse HEAD --symbolic-full-name HEAD')\n  echo " + sha +
          "; echo refs/heads/topic;;\n*) exit 9;;\nesac\n");
  Warnings warnings;
  GitState state = state_in(root, warnings);
  EXPECT_EQ(state.branch, "topic");
  EXPECT_EQ(state.head_commit_sha, sha);
  EXPECT_EQ(state.repo_slug, "o/r");

  put_git("case \"$*\" in\n*'symbolic-ref -q HEAD') echo refs/heads/new;;\n*) exit 128;;\nesac\n");
  state = state_in(root, warnings);
  EXPECT_EQ(state.branch, "new");
  EXPECT_EQ(state.head_commit_sha, std::nullopt);
  EXPECT_EQ(causes_of(warnings), Causes{});
}

TEST_F(GitStateTest, WithoutAGitThatKnowsFactsAreLeftOutWithOneWarning) {
  const Path root = new_repository();
  commit(root);
  write(root / ".git/config",
        "[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n[include]\n\tpath = "
        "x\n");
  for (const bool installed : {false, true}) {
    put_git("exit 128\n");
    if (!installed) std::filesystem::remove(directory_ / "bin/git");
    Warnings warnings;
    const GitState state = state_in(root, warnings);
    EXPECT_EQ(state.branch, std::nullopt);
    EXPECT_EQ(state.head_commit_sha, std::nullopt);
    EXPECT_EQ(state.origin_url, std::nullopt);
    EXPECT_EQ(causes_of(warnings), Causes{"git-unread"});
  }
}

TEST_F(GitStateTest, AGitThatSaysNothingHoldsNobodyUpForLong) {
  const Path root = new_repository();
  write(root / ".git/config", "[include]\n\tpath = x\n");
  put_git("exec /bin/sleep 1000\n");
  Warnings warnings;
  EXPECT_EQ(state_in(root, warnings).origin_url, std::nullopt);
  EXPECT_EQ(causes_of(warnings), Causes{"git-unread"});
}

TEST_F(GitStateTest, AnOrdinaryRepositoryStartsNoGit) {
  const Path root = new_repository();
  commit(root);
  git(root, {"remote", "add", "origin", "https://example.com/o/r"});
  put_git("touch " + (directory_ / "started").string() + "\n");
  same_as_git(root);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "started"));
}

TEST_F(GitStateTest, DamagedFilesOfGitGiveOneWarningAndNoFacts) {
  for (const std::string_view head :
       {"garbage\n", "ref: ../../etc/passwd\n", "ref: refs/heads/../../config\n"}) {
    const Path root = new_repository();
    write(root / ".git/HEAD", head);
    Warnings warnings;
    const GitState state = state_in(root, warnings);
    EXPECT_EQ(state.head_commit_sha, std::nullopt);
    EXPECT_EQ(causes_of(warnings), Causes{"git-unread"});
    std::filesystem::remove_all(root);
  }
}

TEST_F(GitStateTest, VariablesOfGitHaveNoSay) {
  const Path root = new_repository();
  commit(root);
  environment_.variables["GIT_DIR"] = "/nowhere";
  same_as_git(root);
}

TEST(GitConfig, WhatGitWouldNotReadIsRefusedWithItsLine) {
  for (const std::string_view text : {"[core]\n= x\n", "[core]\nurl = \"open\n", "[core]\na = \\q\n",
                                      "[core]\n[remote \"x\n", "\nkey = 1"}) {
    const auto settings = read_git_config(text);
    ASSERT_FALSE(settings.has_value()) << text;
    EXPECT_EQ(settings.error().line, 2) << text;
  }
}

TEST(GitConfig, NoTruncationHarms) {
  const std::string_view text =
      "\xEF\xBB\xBF[a \"b\\\"c\"]\r\n k = \"v\\n\" w \\\r\n x ; c\r\n[remote.Origin] url=u\n flag\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto settings = read_git_config(text.substr(0, size));
    EXPECT_TRUE(settings.has_value() || settings.error().line > 0);
  }
  const auto settings = read_git_config(text).value();
  EXPECT_EQ(first_value(settings, "a", "b\"c", "k"), "v\n w  x");
  EXPECT_EQ(first_value(settings, "remote", "origin", "url"), "u");
  EXPECT_EQ(first_value(settings, "remote", "origin", "flag"), "true");
}

}  // namespace
}  // namespace pawprint::project
