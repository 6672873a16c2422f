#include "workflow/transition.h"

#include <algorithm>
#include <thread>

#include "base/disk_above_for_test.h"
#include "base/random.h"
#include "workflow/queued_events_for_test.h"
#include "workflow/sample_project_for_test.h"
#include "workflow/tasks_file.h"

namespace pawprint::workflow {
namespace {

using protocol::Lane;

class Transition : public SampleProject {
 protected:
  Result<TransitionOutcome> move(std::string_view wp_id, Move wanted) {
    Emitter emitter = client::make_emitter(environment_);
    return transition(environment_, emitter, feature(), work_package(wp_id), wanted, warnings_);
  }

  static Move to(Lane lane, std::string actor = "ada") {
    Move wanted;
    wanted.to = lane;
    wanted.actor = std::move(actor);
    return wanted;
  }

  std::vector<protocol::Envelope> queued() { return queued_events(environment_, places(), kProjectUuid); }

  void expect_refused(std::string_view wp_id, const Move& wanted, std::string_view word) {
    const std::string before = read(wp_file(wp_id));
    const auto refused = move(wp_id, wanted);
    ASSERT_FALSE(refused) << word;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_NE(refused.error().message.find(word), std::string::npos) << refused.error().message;
    EXPECT_EQ(read(wp_file(wp_id)), before);
    EXPECT_TRUE(queued().empty());
  }
};

// `./dev sabotage emit-twice` has to turn this one red.
TEST_F(Transition, EmitsExactlyOneEventPerMove) {
  const auto outcome = move("WP01", to(Lane::in_progress));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->changed);
  EXPECT_EQ(outcome->from, Lane::planned);
  EXPECT_EQ(outcome->to, Lane::in_progress);

  const auto events = queued();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].event_id, outcome->event_id);
  EXPECT_EQ(events[0].event_type, "WPStatusChanged");
  EXPECT_EQ(events[0].aggregate_id, "WP01");
  EXPECT_EQ(events[0].payload,
            R"({"wp_id":"WP01","from_lane":"planned","to_lane":"in_progress","actor":"ada",)"
            R"("feature_slug":"001-sample-feature"})");
  EXPECT_EQ(events[0].causation_id, std::nullopt);
}

TEST_F(Transition, ChangesTheLaneAddsOneEntryAndLeavesEveryOtherByte) {
  std::string expected = read(wp_file("WP01"));
  std::filesystem::permissions(path(wp_file("WP01")), std::filesystem::perms(0640));
  Move wanted = to(Lane::in_progress);
  wanted.agent = "robot";
  const auto outcome = move("WP01", wanted);
  ASSERT_TRUE(outcome) << outcome.error().message;

  expected.replace(expected.find("\"planned\"  #"), 9, "\"in_progress\"");
  const std::string last = "    action: \"Prompt generated\"\n";
  expected.insert(
      expected.find(last) + last.size(),
      fmt::format("  - timestamp: \"{}\"\n    lane: \"in_progress\"\n    agent: \"robot\"\n"
                  "    action: \"Moved from planned to in_progress\"\n    event_id: \"{}\"\n"
                  "    lamport_clock: \"{}\"\n",
                  rfc3339_utc(clock_.unix_ms()), *outcome->event_id, queued().at(0).lamport_clock));
  EXPECT_EQ(read(wp_file("WP01")), expected);
  EXPECT_EQ(std::filesystem::status(path(wp_file("WP01"))).permissions(), std::filesystem::perms(0640));
  EXPECT_EQ(git({"status", "--porcelain"}), fmt::format(" M {}\n", wp_file("WP01")));
}

TEST_F(Transition, KeepsCrlfAndMakesAHistoryWhereThereIsNone) {
  write(wp_file("WP01"),
        "---\r\nwork_package_id: WP01\r\nlane: planned # here\r\ntitle: x\r\n---\r\nBody\tkept");
  const auto outcome = move("WP01", to(Lane::claimed));
  ASSERT_TRUE(outcome) << outcome.error().message;
  const std::string text = read(wp_file("WP01"));
  EXPECT_EQ(text.find("---\r\nwork_package_id: WP01\r\nlane: claimed # here\r\nhistory:\r\n"), 0u) << text;
  EXPECT_TRUE(text.ends_with("\r\ntitle: x\r\n---\r\nBody\tkept")) << text;
  EXPECT_EQ(std::ranges::count(text, '\n'), std::ranges::count(text, '\r'));
  EXPECT_EQ(work_package("WP01").last_transition->event_id, *outcome->event_id);
}

TEST_F(Transition, IntoTheSameLaneDoesNothing) {
  replace_in(wp_file("WP01"), "\"planned\"  #", "doing  #");
  const std::string before = read(wp_file("WP01"));
  const auto outcome = move("WP01", to(Lane::in_progress));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_FALSE(outcome->changed);
  EXPECT_EQ(outcome->event_id, std::nullopt);
  EXPECT_EQ(outcome->from, Lane::in_progress);
  EXPECT_EQ(read(wp_file("WP01")), before);
  EXPECT_FALSE(std::filesystem::exists(top_ / "home"));
}

TEST_F(Transition, IsNumberedAfterWhatTheFileTellsOf) {
  replace_in(wp_file("WP01"), "history:\n",
             "history:\n  - event_id: 01ARZ3NDEKTSV4RRFFQ69G5FAV\n    lamport_clock: 5000\n");
  ASSERT_TRUE(move("WP01", to(Lane::in_progress)));
  const auto first = queued();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_GT(first[0].lamport_clock, 5000u);
  EXPECT_EQ(first[0].causation_id, "01ARZ3NDEKTSV4RRFFQ69G5FAV");

  Move back = to(Lane::planned);
  back.reason = "not yet";
  ASSERT_TRUE(move("WP01", back));
  const auto both = queued();
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[1].causation_id, first[0].event_id);
  EXPECT_GT(both[1].lamport_clock, both[0].lamport_clock);
}

TEST_F(Transition, FollowsFromTheEntryBeforeOneWithANumberThatNoClockGave) {
  replace_in(wp_file("WP01"), "history:\n",
             "history:\n  - event_id: 01ARZ3NDEKTSV4RRFFQ69G5FAV\n    lamport_clock: 5000\n"
             "  - event_id: 01BX5ZZKBKACTAV9WEVGEMMVRZ\n    lamport_clock: 18446744073709551615\n");
  ASSERT_TRUE(move("WP01", to(Lane::in_progress)));
  Move back = to(Lane::planned);
  back.reason = "not yet";
  ASSERT_TRUE(move("WP01", back));
  const auto both = queued();
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].causation_id, "01ARZ3NDEKTSV4RRFFQ69G5FAV");
  EXPECT_EQ(both[1].causation_id, both[0].event_id);
  ASSERT_EQ(warnings_.all().size(), 1u);
  EXPECT_EQ(warnings_.all()[0].cause, "clock-out-of-range");
  EXPECT_NE(warnings_.all()[0].message.find("18446744073709551615"), std::string::npos);
}

TEST_F(Transition, ThatTheTableForbidsChangesNothing) {
  expect_refused("WP01", to(Lane::done), "cannot move from planned to done");
  expect_refused("WP01", to(Lane::in_progress, ""), "actor");
  Move forced = to(Lane::done);
  forced.force = true;
  expect_refused("WP01", forced, "reason");
}

TEST_F(Transition, WaitsForTheBoxesOfTheSubtasks) {
  replace_in(wp_file("WP01"), "\"planned\"  #", "in_progress  #");
  expect_refused("WP01", to(Lane::for_review),
                 "2 boxes are open in tasks.md, the first is \"T001 Build it\"");
  const auto refused = move("WP01", to(Lane::for_review));
  EXPECT_EQ(refused.error().file, path(spec("tasks.md")).string());
  EXPECT_EQ(refused.error().line, 5);

  ASSERT_TRUE(
      mark_status(environment_, feature(), std::vector<std::string>{"T001", "T002"}, TaskStatus::done));
  EXPECT_TRUE(move("WP01", to(Lane::for_review)));
}

TEST_F(Transition, RefusedNamesTheCommandThatWorks) {
  const auto hint = [&](const Move& wanted) {
    const auto refused = move("WP01", wanted);
    return refused ? std::string("done") : refused.error().hint;
  };
  const std::string in_feature = " --feature 001-sample-feature";
  EXPECT_EQ(hint(to(Lane::done)),
            "pawprint move-task WP01 --to done" + in_feature + " --force --reason TEXT");
  Move forced = to(Lane::done);
  forced.force = true;
  EXPECT_EQ(hint(forced), "pawprint move-task WP01 --to done" + in_feature + " --force --reason TEXT");
  EXPECT_EQ(hint(to(Lane::claimed, "")),
            "pawprint move-task WP01 --to claimed" + in_feature + " --actor NAME");
  ASSERT_TRUE(move("WP01", to(Lane::in_progress)));
  EXPECT_EQ(hint(to(Lane::for_review)), "pawprint mark-status T001 T002 --status done" + in_feature);
  EXPECT_EQ(hint(to(Lane::planned)), "pawprint move-task WP01 --to planned" + in_feature + " --reason TEXT");
  write(spec("tasks.md"), "");
  ASSERT_TRUE(move("WP01", to(Lane::for_review)));
  Move back = to(Lane::in_progress);
  back.reason = "two words";
  EXPECT_EQ(hint(back), "pawprint move-task WP01 --to in_progress" + in_feature +
                            " --review-ref REF --reason 'two words'");
}

TEST_F(Transition, ToDoneNeedsAReviewerWhoHasANameOfTheirOwn) {
  replace_in(wp_file("WP01"), "\"planned\"  #", "for_review  #");
  git({"config", "--unset", "user.name"});
  Emitter emitter = client::make_emitter(environment_);
  const auto nobody =
      move_task(environment_, emitter, places(), feature(), "WP01", to(Lane::done, ""), warnings_);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, ErrorKind::usage);
  EXPECT_EQ(nobody.error().hint,
            "pawprint move-task WP01 --to done --feature 001-sample-feature --actor NAME");
  EXPECT_TRUE(queued().empty());
  EXPECT_TRUE(
      move_task(environment_, emitter, places(), feature(), "WP01", to(Lane::done, "bob"), warnings_));
}

TEST_F(Transition, CarriesReasonReferenceAndForce) {
  Move wanted = to(Lane::done);
  wanted.force = wanted.resolve = true;
  wanted.reason = "seen \"live\"\nby all";
  wanted.review_ref = "PR 7";
  ASSERT_TRUE(move("WP01", wanted));
  const std::string payload = queued().at(0).payload;
  EXPECT_NE(
      payload.find(R"("reason":"seen \"live\"\nby all","review_ref":"PR 7","force":true,"resolve":true)"),
      std::string::npos)
      << payload;
  EXPECT_EQ(work_package("WP01").lane, Lane::done);
}

TEST_F(Transition, OfAFileThatCannotBeEditedEmitsNothing) {
  replace_in(wp_file("WP01"), "lane: \"planned\"  #", "lane: &here \"planned\"  #");
  expect_refused("WP01", to(Lane::in_progress), "");
  EXPECT_EQ(move("WP01", to(Lane::in_progress)).error().file, path(wp_file("WP01")).string());
  EXPECT_EQ(move("WP01", to(Lane::in_progress)).error().line, 4);

  replace_in(wp_file("WP02"), "history:\n  - timestamp: \"2026-02-12T12:00:00Z\"\n    lane: \"planned\"\n",
             "history: soon\nmore:\n");
  replace_in(wp_file("WP02"), "    agent: \"system\"\n    action: \"Prompt generated\"\n", "  agent: x\n");
  expect_refused("WP02", to(Lane::in_progress), "");
}

TEST_F(Transition, OfALinkedFileIsRefused) {
  std::filesystem::rename(path(wp_file("WP01")), path(spec("prompt.md")));
  std::filesystem::create_symlink("../prompt.md", path(wp_file("WP01")));
  expect_refused("WP01", to(Lane::in_progress), "symbolic link");
  EXPECT_TRUE(std::filesystem::is_symlink(path(wp_file("WP01"))));
}

TEST_F(Transition, GoesOnWithAWarningWhereNoEventCanBeStored) {
  environment_.variables["PAWPRINT_HOME"] = "/dev/null/home";
  const auto outcome = move("WP01", to(Lane::in_progress));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->changed);
  EXPECT_EQ(outcome->event_id, std::nullopt);
  EXPECT_TRUE(warned_of("event_not_stored"));
  EXPECT_EQ(work_package("WP01").lane, Lane::in_progress);
  EXPECT_FALSE(work_package("WP01").last_transition);
  EXPECT_NE(read(wp_file("WP01")).find("Moved from planned to in_progress"), std::string::npos);
}

TEST_F(Transition, GoesOnWithAWarningWhereTheUserHasNoHome) {
  environment_.variables.clear();
  environment_.user_home.clear();
  const auto outcome = move("WP01", to(Lane::in_progress));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(warned_of("event_not_stored"));
  EXPECT_EQ(work_package("WP01").lane, Lane::in_progress);
}

// A disk on which one file cannot be replaced.
class StubbornDisk final : public DiskAbove {
 public:
  StubbornDisk(Disk& below, Path stubborn) : DiskAbove(below), stubborn_(std::move(stubborn)) {}
  Result<void> rename(const Path& from, const Path& to) override {
    if (to == stubborn_) return fail(ErrorKind::io, "no space left on device");
    return below_.rename(from, to);
  }

 private:
  Path stubborn_;
};

TEST_F(Transition, SaysThatTheEventIsQueuedIfTheFileCannotBeWritten) {
  const std::string before = read(wp_file("WP01"));
  PosixDisk real;
  StubbornDisk disk(real, path(wp_file("WP01")));
  environment_.disk = &disk;
  const auto outcome = move("WP01", to(Lane::in_progress));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::io);
  EXPECT_EQ(outcome.error().file, path(wp_file("WP01")).string());
  EXPECT_EQ(read(wp_file("WP01")), before);
  const auto events = queued();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NE(outcome.error().message.find(events[0].event_id + " is queued"), std::string::npos)
      << outcome.error().message;
}

TEST_F(Transition, OfSeveralAtOnceIsOneEventEachUnderOneCorrelation) {
  Emitter emitter = client::make_emitter(environment_);
  const Feature found = feature();
  const auto outcomes =
      transition_all(environment_, emitter, found, found.work_packages, to(Lane::in_progress), warnings_);
  ASSERT_TRUE(outcomes) << outcomes.error().message;
  const auto events = queued();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].correlation_id, events[1].correlation_id);
  EXPECT_LT(events[0].lamport_clock, events[1].lamport_clock);
  EXPECT_EQ((*outcomes)[1].event_id, events[1].event_id);
}

TEST_F(Transition, ThatManyMakeAtOnceHappensOnce) {
  SystemRandom random;
  environment_.random = &random;
  const Feature found = feature();
  const auto runner = [&] {
    Warnings warnings;
    Emitter emitter = client::make_emitter(environment_);
    const auto outcome = transition(environment_, emitter, found, found.work_packages.front(),
                                    to(Lane::in_progress), warnings);
    EXPECT_TRUE(outcome) << outcome.error().message;
  };
  std::vector<std::thread> runners;
  for (int i = 0; i < 4; ++i) runners.emplace_back(runner);
  for (std::thread& each : runners) each.join();
  EXPECT_EQ(queued().size(), 1u);
  const std::string text = read(wp_file("WP01"));
  EXPECT_EQ(text.find("event_id"), text.rfind("event_id"));
}

TEST_F(Transition, ByMoveTaskIsDoneInSomebodysName) {
  Emitter emitter = client::make_emitter(environment_);
  Move wanted = to(Lane::in_progress, "");
  ASSERT_TRUE(move_task(environment_, emitter, places(), feature(), "wp01", wanted, warnings_));
  EXPECT_NE(queued().at(0).payload.find(R"("actor":"Ada L")"), std::string::npos);
  const auto unknown = move_task(environment_, emitter, places(), feature(), "WP09", wanted, warnings_);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace pawprint::workflow
