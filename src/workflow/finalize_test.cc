#include "workflow/finalize.h"

#include "base/ulid.h"
#include "workflow/queued_events_for_test.h"
#include "workflow/sample_project_for_test.h"

namespace pawprint::workflow {
namespace {

class Finalize : public SampleProject {
 protected:
  Result<FinalizeOutcome> run() {
    Emitter emitter = client::make_emitter(environment_);
    return finalize_tasks(environment_, emitter, places(), feature(), warnings_);
  }

  std::vector<protocol::Envelope> queued() { return queued_events(environment_, places(), kProjectUuid); }

  void expect_refused(const Path& file, int line, std::string_view word) {
    const auto refused = run();
    ASSERT_FALSE(refused) << word;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_EQ(refused.error().file, file.string());
    EXPECT_EQ(refused.error().line, line);
    EXPECT_NE(refused.error().message.find(word), std::string::npos) << refused.error().message;
    EXPECT_TRUE(queued().empty());
  }
};

TEST_F(Finalize, AnnouncesTheFeatureThenItsWorkPackages) {
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  ASSERT_EQ(outcome->events.size(), 3u);
  const auto events = queued();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].event_type, "FeatureCreated");
  EXPECT_EQ(events[0].aggregate_type, "Feature");
  EXPECT_EQ(events[0].payload,
            R"({"feature_slug":"001-sample-feature","feature_number":"001","target_branch":"main",)"
            R"("wp_count":2,"created_at":"2026-02-10T16:30:00.000Z"})");
  EXPECT_EQ(
      events[2].payload,
      R"({"wp_id":"WP02","title":"Part WP02","feature_slug":"001-sample-feature","dependencies":["WP01"]})");
  EXPECT_EQ(events[1].causation_id, events[0].event_id);
  EXPECT_EQ(events[2].causation_id, events[0].event_id);
  EXPECT_EQ(events[0].correlation_id, events[2].correlation_id);
  EXPECT_EQ(git({"status", "--porcelain"}), "");
}

TEST_F(Finalize, TwiceAddsNothing) {
  ASSERT_TRUE(run());
  const auto again = run();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->events.empty());
  EXPECT_EQ(again->already_known, 3u);
  EXPECT_EQ(queued().size(), 3u);
  write(spec("tasks/WP03-new.md"), work_package_text("WP03", "planned", "[]", "[]"));
  EXPECT_EQ(run()->events.size(), 1u);
}

TEST_F(Finalize, DerivesTheSameIdsOnEveryMachine) {
  const auto here = run();
  environment_.variables["PAWPRINT_HOME"] = (top_ / "another home").string();
  random_ = SeededRandom(99);
  clock_.advance_ms(86'400'000);
  const auto there = run();
  ASSERT_TRUE(here && there);
  ASSERT_EQ(there->events.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(here->events[i].event_id, there->events[i].event_id);
  // 2026-02-10T16:30:00Z in the first ten characters.
  EXPECT_EQ(here->events[0].event_id.substr(0, 10), ulid_text(1'770'741'000'000, {}).substr(0, 10));
}

TEST_F(Finalize, HoldsUpNoWorkWhereNoEventCanBeStored) {
  const auto goes_on = [&] {
    warnings_ = {};
    const auto outcome = run();
    return outcome && outcome->events.empty() && warnings_.all().size() == 1 &&
           warnings_.all().front().cause == "event_not_stored";
  };
  environment_.variables["PAWPRINT_HOME"] = "/dev/null/home";
  EXPECT_TRUE(goes_on());
  environment_.variables.clear();
  environment_.user_home.clear();
  EXPECT_TRUE(goes_on());
}

TEST_F(Finalize, RefusesADependencyThatDoesNotExistAndACircle) {
  replace_in(wp_file("WP01"), "dependencies: []", "dependencies: [WP07]");
  expect_refused(path(wp_file("WP01")), 5, "WP07");
  replace_in(wp_file("WP01"), "dependencies: [WP07]", "dependencies: [WP02]");
  expect_refused(path(wp_file("WP01")), 5, "WP01 -> WP02 -> WP01");
  replace_in(wp_file("WP01"), "dependencies: [WP02]", "dependencies: [WP01]");
  expect_refused(path(wp_file("WP01")), 5, "WP01 -> WP01");
}

TEST_F(Finalize, RefusesAFeatureWhoseNameTheHubWouldNot) {
  std::filesystem::rename(path("kitty-specs") / kSlug, path("kitty-specs/sample-01KYHQ9F"));
  expect_refused("", 0, "sample-01KYHQ9F");
}

}  // namespace
}  // namespace pawprint::workflow
