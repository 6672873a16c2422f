#include "workflow/commit.h"

#include "workflow/sample_project_for_test.h"

namespace pawprint::workflow {
namespace {

class CommitFiles : public SampleProject {
 protected:
  Result<bool> commit(std::vector<Path> files) {
    return commit_files(environment_, places(), files, "sample: it's done");
  }
  std::string status() { return git({"status", "--porcelain"}); }
  std::string files_of_head() { return git({"show", "--format=", "--name-only", "HEAD"}); }

  void refuse_commits_with(std::string_view words) {
    write(".git/hooks/pre-commit", fmt::format("#!/bin/sh\nprintf '{}'\nexit 1\n", words));
    std::filesystem::permissions(path(".git/hooks/pre-commit"), std::filesystem::perms(0755));
  }
};

TEST_F(CommitFiles, TakesTheFilesNamedAndNoOther) {
  write(wp_file("WP01"), "changed by the command\n");
  write(wp_file("WP02"), "changed by somebody\n");
  write("staged.txt", "staged before\n");
  git({"add", "staged.txt"});

  const auto committed = commit({path(wp_file("WP01"))});
  ASSERT_TRUE(committed) << committed.error().message;
  EXPECT_TRUE(*committed);
  EXPECT_EQ(files_of_head(), wp_file("WP01") + "\n");
  EXPECT_EQ(status(), " M " + wp_file("WP02") + "\nA  staged.txt\n");
}

TEST_F(CommitFiles, TakesAFileThatGitDoesNotKnow) {
  write(wp_file("WP[3]"), "new\n");
  write(wp_file("WP3"), "new too, and matched by the other's name as a pattern\n");
  const auto committed = commit({path(wp_file("WP[3]")), path(wp_file("WP01"))});
  ASSERT_TRUE(committed) << committed.error().message;
  EXPECT_EQ(files_of_head(), wp_file("WP[3]") + "\n");
  EXPECT_EQ(status(), "?? " + wp_file("WP3") + "\n");
}

TEST_F(CommitFiles, OfNothingChangedIsNoCommit) {
  const std::string head = git({"rev-parse", "HEAD"});
  EXPECT_EQ(commit({path(wp_file("WP01"))}), false);
  EXPECT_EQ(commit({}), false);
  EXPECT_EQ(git({"rev-parse", "HEAD"}), head);
}

TEST_F(CommitFiles, ThatAHookRefusesLeavesTheIndexAsItWas) {
  refuse_commits_with("\\nlint: no\\nand more\\n");
  write(wp_file("WP01"), "changed\n");
  write(wp_file("WP03"), "new\n");
  const std::string before = status();

  const auto refused = commit({path(wp_file("WP01")), path(wp_file("WP03"))});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::failed);
  EXPECT_EQ(refused.error().message, "git commit refused: lint: no");
  const std::string names = wp_file("WP01") + " " + wp_file("WP03");
  EXPECT_EQ(refused.error().hint,
            fmt::format("git -C {0} add -- {1} && git -C {0} commit -m 'sample: it'\\''s done' -- {1}",
                        root_.string(), names));
  EXPECT_EQ(status(), before);
}

TEST_F(CommitFiles, WithoutAnIdentitySaysWhatGitSaid) {
  git({"config", "--unset", "user.email"});
  git({"config", "user.useConfigOnly", "true"});
  write(wp_file("WP01"), "changed\n");
  const auto refused = commit({path(wp_file("WP01"))});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("identity"), std::string::npos) << refused.error().message;
  EXPECT_EQ(refused.error().message.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace pawprint::workflow
