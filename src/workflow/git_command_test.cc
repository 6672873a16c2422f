#include "workflow/git_command.h"

#include "workflow/sample_project_for_test.h"

namespace pawprint::workflow {
namespace {

using GitCommand = SampleProject;

TEST_F(GitCommand, TakesArgumentsAsTheyAreAndKeepsBothOutputs) {
  EXPECT_EQ(git({"config", "--get", "user.name"}), "Ada L\n");
  git({"config", "odd.value", "a b; $(touch x) 'q'"});
  EXPECT_EQ(git({"config", "--get", "odd.value"}), "a b; $(touch x) 'q'\n");
  const auto refused = run_git(environment_, root_, std::vector<std::string>{"no-such-verb"});
  ASSERT_TRUE(refused);
  EXPECT_NE(refused->exit_code, 0);
  EXPECT_NE(refused->complaint.find("no-such-verb"), std::string::npos);
}

TEST_F(GitCommand, IsNotLedToAnotherRepositoryByVariables) {
  environment_.variables["GIT_DIR"] = (top_ / "nowhere").string();
  environment_.variables["GIT_AUTHOR_NAME"] = "Somebody";
  EXPECT_EQ(git({"rev-parse", "--show-toplevel"}), root_.string() + "\n");
}

TEST_F(GitCommand, LeavesTheUserWhoTheyAre) {
  environment_.variables["GIT_AUTHOR_NAME"] = "Somebody";
  environment_.variables["GIT_AUTHOR_EMAIL"] = "somebody@example.com";
  environment_.variables["GIT_INDEX_FILE"] = (top_ / "index").string();
  EXPECT_TRUE(git({"var", "GIT_AUTHOR_IDENT"}).starts_with("Somebody <somebody@example.com>"));
  EXPECT_EQ(git({"status", "--porcelain"}), "");

  write("../global", "[user]\n\tname = From Elsewhere\n");
  environment_.variables["GIT_CONFIG_GLOBAL"] = (top_ / "global").string();
  git({"config", "--unset", "user.name"});
  EXPECT_EQ(git_user_name(environment_, root_), "From Elsewhere");
}

TEST_F(GitCommand, ReadsOutputLongerThanAPipeHolds) {
  write("long.txt", std::string(400'000, 'x'));
  git({"add", "long.txt"});
  EXPECT_EQ(git({"show", ":long.txt"}).size(), 400'000u);
}

TEST_F(GitCommand, IsLookedForInAbsoluteDirectoriesOnly) {
  write("bin/git", "#!/bin/sh\necho mine\n");
  std::filesystem::permissions(path("bin/git"), std::filesystem::perms(0755));
  environment_.variables["PATH"] = "bin::.";
  const auto missing = run_git(environment_, root_, std::vector<std::string>{"version"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::failed);
  EXPECT_FALSE(missing.error().hint.empty());
  EXPECT_EQ(git_user_name(environment_, root_), std::nullopt);
}

TEST_F(GitCommand, KnowsTheUsersName) {
  EXPECT_EQ(git_user_name(environment_, root_), "Ada L");
  git({"config", "--unset", "user.name"});
  EXPECT_EQ(git_user_name(environment_, root_), std::nullopt);
}

}  // namespace
}  // namespace pawprint::workflow
