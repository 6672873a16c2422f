#include "workflow/workspace.h"

#include <sys/stat.h>

#include "workflow/queued_events_for_test.h"
#include "workflow/repository.h"
#include "workflow/sample_project_for_test.h"

namespace pawprint::workflow {
namespace {

using protocol::Lane;

class Implement : public SampleProject {
 protected:
  Result<ImplementOutcome> run(std::string wp_id, std::optional<std::string> base = std::nullopt) {
    Emitter emitter = client::make_emitter(environment_);
    ImplementRequest request;
    request.wp_id = std::move(wp_id);
    request.base = std::move(base);
    return implement(environment_, emitter, places(), feature(), request, warnings_);
  }

  std::vector<protocol::Envelope> queued() { return queued_events(environment_, places(), kProjectUuid); }

  std::string commit_of(const std::string& revision) { return git({"rev-parse", "--verify", revision}); }

  Path worktree(std::string_view wp_id) const {
    return root_ / ".worktrees" / fmt::format("{}-{}", kSlug, wp_id);
  }
};

TEST_F(Implement, MakesBranchAndWorktreeAndLeavesOneEvent) {
  const auto outcome = run("WP01");
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->created);
  EXPECT_EQ(outcome->from, Lane::planned);
  EXPECT_EQ(outcome->to, Lane::in_progress);
  EXPECT_EQ(outcome->worktree, worktree("WP01"));
  EXPECT_EQ(outcome->branch, "001-sample-feature-WP01");
  EXPECT_TRUE(std::filesystem::exists(worktree("WP01") / "kitty-specs"));
  EXPECT_EQ(commit_of("refs/heads/001-sample-feature-WP01"), commit_of("main"));
  EXPECT_EQ(work_package("WP01").lane, Lane::in_progress);
  const auto events = queued();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].event_id, outcome->event_id);
  EXPECT_EQ(git({"status", "--porcelain"}), fmt::format(" M {}\n", wp_file("WP01")));
  EXPECT_TRUE(warnings_.all().empty());
}

TEST_F(Implement, TwiceIsNoErrorAndEmitsNothing) {
  ASSERT_TRUE(run("WP01"));
  const std::string before = read(wp_file("WP01"));
  const auto again = run("WP01");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->event_id, std::nullopt);
  EXPECT_EQ(again->from, Lane::in_progress);
  EXPECT_EQ(read(wp_file("WP01")), before);
  EXPECT_EQ(queued().size(), 1u);
}

TEST_F(Implement, WorksFromAWorktreeOnTheFilesOfTheMainCheckout) {
  ASSERT_TRUE(run("WP01"));
  environment_.directory = worktree("WP01");
  const auto outcome = run("WP02");
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->worktree, worktree("WP02"));
  EXPECT_EQ(work_package("WP02").lane, Lane::in_progress);
}

TEST_F(Implement, TakesUpABranchThatExistsAlready) {
  git({"branch", "001-sample-feature-WP01"});
  write("more.txt", "more");
  commit_all();
  const auto outcome = run("WP01");
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->created);
  EXPECT_FALSE(std::filesystem::exists(worktree("WP01") / "more.txt"));
}

TEST_F(Implement, StartsAtTheBranchOfItsOnlyDependency) {
  ASSERT_TRUE(run("WP01"));
  write(".worktrees/001-sample-feature-WP01/first.txt", "first");
  git({"-C", worktree("WP01").string(), "add", "first.txt"});
  git({"-C", worktree("WP01").string(), "commit", "--quiet", "--message", "first"});
  ASSERT_TRUE(run("WP02"));
  EXPECT_EQ(commit_of("001-sample-feature-WP02"), commit_of("001-sample-feature-WP01"));
  EXPECT_TRUE(warned_of("dependency_not_ready"));
}

TEST_F(Implement, StartsWhereItIsTold) {
  git({"tag", "start"});
  write("more.txt", "more");
  commit_all();
  ASSERT_TRUE(run("WP02", "start"));
  EXPECT_EQ(commit_of("001-sample-feature-WP02"), commit_of("start"));
  const auto refused = run("WP01", "--no-such");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_FALSE(std::filesystem::exists(worktree("WP01")));
  EXPECT_EQ(work_package("WP01").lane, Lane::planned);
  ASSERT_TRUE(run("WP01", "WP02"));
  EXPECT_EQ(commit_of("001-sample-feature-WP01"), commit_of("start"));
}

TEST_F(Implement, StartsAtHeadIfTheTargetBranchIsNotThere) {
  replace_in(spec("meta.json"), "\"main\"", "\"2.x\"");
  commit_all();
  ASSERT_TRUE(run("WP01"));
  EXPECT_EQ(commit_of("001-sample-feature-WP01"), commit_of("HEAD"));
}

TEST_F(Implement, WarnsOnceOfWhatTheWorktreeDoesNotSee) {
  write("new.txt", "new");
  write("other.txt", "other");
  replace_in(spec("tasks.md"), "[ ] T001", "[x] T001");
  ASSERT_TRUE(run("WP01"));
  ASSERT_EQ(warnings_.all().size(), 1u);
  EXPECT_EQ(warnings_.all()[0].cause, "uncommitted_changes");
  EXPECT_NE(warnings_.all()[0].message.find("2 changes"), std::string::npos) << warnings_.all()[0].message;
}

TEST_F(Implement, AddsNoSecondIgnoreRule) {
  write(".gitignore", ".worktrees/\n");
  commit_all();
  const std::string before = read(".git/info/exclude");
  ASSERT_TRUE(run("WP01"));
  EXPECT_EQ(read(".git/info/exclude"), before);
  write(".gitignore", "");
  ASSERT_TRUE(run("WP02"));
  EXPECT_EQ(read(".git/info/exclude"), before + ".worktrees/\n");
}

TEST_F(Implement, RefusesADirectoryThatIsNotItsWorktree) {
  std::filesystem::create_directories(worktree("WP01"));
  const auto foreign = run("WP01");
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().kind, ErrorKind::failed);
  std::filesystem::remove(worktree("WP01"));
  git({"worktree", "add", "--quiet", "-b", "another", worktree("WP01").string()});
  const auto other = run("WP01");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("another"), std::string::npos) << other.error().message;
  EXPECT_EQ(work_package("WP01").lane, Lane::planned);
  EXPECT_TRUE(queued().empty());
}

TEST_F(Implement, OfFinishedWorkLeavesNoWorktreeBehind) {
  replace_in(wp_file("WP01"), "\"planned\"  #", "\"done\"  #");
  const auto refused = run("WP01");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_FALSE(std::filesystem::exists(worktree("WP01")));
  EXPECT_EQ(refused.error().hint,
            "pawprint move-task WP01 --to in_progress --feature 001-sample-feature --force --reason TEXT");
}

TEST_F(Implement, OfAFileThatCannotBeEditedLeavesNothingBehind) {
  replace_in(wp_file("WP01"), "history:\n  - timestamp: \"2026-02-12T12:00:00Z\"\n",
             "history: [{a: 1}]\nmore:\n");
  const auto refused = run("WP01");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(refused.error().file, path(wp_file("WP01")).string());
  EXPECT_FALSE(std::filesystem::exists(worktree("WP01")));
  EXPECT_EQ(git({"branch", "--list", "001-*"}), "");
  EXPECT_TRUE(queued().empty());
}

TEST_F(Implement, IsNotHeldUpByADamagedNeighbour) {
  write(wp_file("WP01"), "no frontmatter\n");
  const auto outcome = run("WP02");
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(warned_of("dependency_not_ready"));
  EXPECT_EQ(run("WP01").error().file, path(wp_file("WP01")).string());
}

TEST_F(Implement, NamesTheCommandThatForgetsAWorktreeThatIsGone) {
  ASSERT_TRUE(run("WP01"));
  std::filesystem::remove_all(worktree("WP01"));
  const auto refused = run("WP01");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::failed);
  EXPECT_EQ(refused.error().hint, fmt::format("git -C {} worktree prune", root_.string()));
  git({"worktree", "prune"});
  EXPECT_TRUE(run("WP01"));
}

TEST_F(Implement, RefusesADependencyThatDoesNotExist) {
  replace_in(wp_file("WP02"), "[WP01]", "[WP08]");
  const std::string before = read(wp_file("WP02"));
  const auto refused = run("WP02");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(refused.error().file, path(wp_file("WP02")).string());
  EXPECT_EQ(refused.error().line, 5);
  EXPECT_EQ(read(wp_file("WP02")), before);
  EXPECT_EQ(run("WP09").error().kind, ErrorKind::invalid);
}

TEST_F(Implement, SaysWhatIsMissingWithoutACommitOrWithoutGit) {
  std::filesystem::remove_all(path(".git"));
  const auto without_git = run("WP01");
  ASSERT_FALSE(without_git);
  EXPECT_EQ(without_git.error().kind, ErrorKind::failed);
  EXPECT_NE(without_git.error().hint.find("init"), std::string::npos);
  git({"init", "--quiet"});
  const auto without_commit = run("WP01");
  ASSERT_FALSE(without_commit);
  EXPECT_NE(without_commit.error().message.find("no commit yet"), std::string::npos);
  EXPECT_NE(without_commit.error().hint.find("commit"), std::string::npos);
  EXPECT_EQ(work_package("WP01").lane, Lane::planned);

  git({"config", "core.bare", "true"});
  const auto without_checkout = run("WP01");
  ASSERT_FALSE(without_checkout);
  EXPECT_EQ(without_checkout.error().hint,
            fmt::format("git clone {} {}", root_.string(), (top_ / "checkout").string()));
}

TEST_F(Implement, NoQuestionToGitIsWaitedForForEver) {
  const project::Places here = places();
  const auto repository = Repository::open(environment_, here);
  ASSERT_TRUE(repository) << repository.error().message;
  for (const std::string_view file : {"HEAD", "config"}) {
    const Path path = root_ / ".git" / file;
    const Path kept = path.string() + ".kept";
    std::filesystem::rename(path, kept);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    const auto opened = Repository::open(environment_, here, std::chrono::milliseconds(1));
    ASSERT_FALSE(opened) << file;
    EXPECT_NE(opened.error().message.find("rev-parse --is-bare-repository"), std::string::npos)
        << opened.error().message;
    std::filesystem::rename(kept, path);
  }
}

}  // namespace
}  // namespace pawprint::workflow
