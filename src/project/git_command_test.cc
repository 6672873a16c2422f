#include "project/git_command.h"

#include <sys/stat.h>

#include <csignal>

#include "base/shell_word.h"
#include "project/project_fixture.h"

namespace pawprint::project {
namespace {

class GitCommand : public ProjectTest {
 protected:
  void SetUp() override {
    ProjectTest::SetUp();
    root_ = new_repository();
    git({"config", "user.name", "Ada L"});
    git({"config", "user.email", "ada@example.com"});
  }
  std::string git(const std::vector<std::string>& words) {
    const auto answer = run_git(environment_, root_, words);
    EXPECT_TRUE(answer && answer->exit_code == 0) << words.front();
    return answer ? answer->output : std::string();
  }
  Path root_;
};

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
  environment_.variables["GIT_DIR"] = (directory_ / "nowhere").string();
  environment_.variables["GIT_AUTHOR_NAME"] = "Somebody";
  EXPECT_EQ(git({"rev-parse", "--show-toplevel"}), root_.string() + "\n");
}

TEST_F(GitCommand, LeavesTheUserWhoTheyAre) {
  environment_.variables["GIT_AUTHOR_NAME"] = "Somebody";
  environment_.variables["GIT_AUTHOR_EMAIL"] = "somebody@example.com";
  environment_.variables["GIT_INDEX_FILE"] = (directory_ / "index").string();
  EXPECT_TRUE(git({"var", "GIT_AUTHOR_IDENT"}).starts_with("Somebody <somebody@example.com>"));
  EXPECT_EQ(git({"status", "--porcelain"}), "");

  write(directory_ / "global", "[user]\n\tname = From Elsewhere\n");
  environment_.variables["GIT_CONFIG_GLOBAL"] = (directory_ / "global").string();
  git({"config", "--unset", "user.name"});
  EXPECT_EQ(git_user_name(environment_, root_), "From Elsewhere");
}

TEST_F(GitCommand, ReadsOutputLongerThanAPipeHolds) {
  write(root_ / "long.txt", std::string(400'000, 'x'));
  git({"add", "long.txt"});
  EXPECT_EQ(git({"show", ":long.txt"}).size(), 400'000u);
}

TEST_F(GitCommand, IsLookedForInAbsoluteDirectoriesOnly) {
  write(root_ / "bin/git", "#!/bin/sh\necho mine\n");
  std::filesystem::permissions(root_ / "bin/git", std::filesystem::perms(0755));
  environment_.variables["PATH"] = "bin::.";
  const auto missing = run_git(environment_, root_, std::vector<std::string>{"version"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::failed);
  EXPECT_FALSE(missing.error().hint.empty());
  EXPECT_EQ(git_user_name(environment_, root_), std::nullopt);
}

TEST_F(GitCommand, IsEndedWhenItWaitsForAPipeAndTheErrorSaysWhatItWasAsked) {
  std::filesystem::remove(root_ / ".git/config");
  ASSERT_EQ(::mkfifo((root_ / ".git/config").c_str(), 0600), 0);
  const auto ended = run_git(environment_, root_, std::vector<std::string>{"rev-parse", "it's"},
                             std::chrono::milliseconds(1));
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().message, "git does not answer, and was ended: git -C " + root_.string() +
                                       " rev-parse " + shell_word("it's"));
  EXPECT_EQ(ended.error().hint, "ls -l " + (root_ / ".git").string());
}

// Else it would not hear that it is to end. A stand-in tells what it hears.
TEST_F(GitCommand, HearsTheSignalsThatItsCallerBlocks) {
  write(directory_ / "bin/git", "#!/bin/sh\nkill -TERM $$\n");
  std::filesystem::permissions(directory_ / "bin/git", std::filesystem::perms(0755));
  environment_.variables["PATH"] = (directory_ / "bin").string();
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
  const auto ended = run_git(environment_, root_, std::vector<std::string>{"version"});
  ASSERT_EQ(::pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->exit_code, 128 + SIGTERM);
}

// `status` takes the lock if it may, `add` in any case.
TEST_F(GitCommand, ThatIsEndedLeavesNoLockInTheRepository) {
  git({"config", "core.untrackedCache", "false"});
  write(root_ / "src/a.txt", "a");
  ASSERT_EQ(::mkfifo((root_ / "src/.gitignore").c_str(), 0600), 0);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"status", "--porcelain"}, {"add", "."}}) {
    ASSERT_FALSE(run_git(environment_, root_, words, std::chrono::milliseconds(500))) << words.front();
    EXPECT_FALSE(std::filesystem::exists(root_ / ".git/index.lock")) << words.front();
    std::filesystem::remove(root_ / ".git/index.lock");
  }
}

TEST_F(GitCommand, WhichIsAskedAQuestionMayNotLockTheRepository) {
  git({"config", "alias.locks", "!echo $GIT_OPTIONAL_LOCKS"});
  environment_.variables["GIT_OPTIONAL_LOCKS"] = "1";
  const std::vector<std::string> words{"locks"};
  EXPECT_EQ(run_git(environment_, root_, words, kPatienceWithQuestions)->output, "0\n");
  EXPECT_EQ(run_git(environment_, root_, words)->output, "1\n");
}

TEST_F(GitCommand, KnowsTheUsersName) {
  EXPECT_EQ(git_user_name(environment_, root_), "Ada L");
  git({"config", "--unset", "user.name"});
  EXPECT_EQ(git_user_name(environment_, root_), std::nullopt);
}

}  // namespace
}  // namespace pawprint::project
