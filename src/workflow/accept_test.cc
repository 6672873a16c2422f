#include "workflow/accept.h"

#include "workflow/queued_events_for_test.h"
#include "workflow/sample_project_for_test.h"
#include "workflow/status.h"

namespace pawprint::workflow {
namespace {

class Accept : public SampleProject {
 protected:
  void set_lane(std::string_view wp_id, std::string_view lane) {
    replace_in(wp_file(wp_id), "\"planned\"  #", fmt::format("\"{}\"  #", lane));
  }

  void tick_all() {
    std::string text = read(spec("tasks.md"));
    for (auto at = text.find("[ ]"); at != std::string::npos; at = text.find("[ ]"))
      text.replace(at, 3, "[x]");
    write(spec("tasks.md"), text);
  }

  Result<AcceptOutcome> run(const std::optional<std::string>& actor = std::nullopt) {
    Emitter emitter = client::make_emitter(environment_);
    return accept(environment_, emitter, places(), feature(), actor, warnings_);
  }

  std::vector<protocol::Envelope> queued() { return queued_events(environment_, places(), kProjectUuid); }
};

TEST_F(Accept, EmitsExactlyOneEventPerWorkPackage) {
  set_lane("WP01", "for_review");
  set_lane("WP02", "for_review");
  tick_all();
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->blockers.empty());
  ASSERT_EQ(outcome->events.size(), 2u);
  const auto events = queued();
  ASSERT_EQ(events.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(events[i].event_id, outcome->events[i].event_id);
    EXPECT_EQ(events[i].aggregate_id, outcome->events[i].aggregate_id);
    EXPECT_NE(events[i].payload.find(R"("to_lane":"done","actor":"Ada L")"), std::string::npos);
  }
  const auto again = run("bob");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->events.empty() && again->blockers.empty());
  EXPECT_EQ(queued().size(), 2u);
}

TEST_F(Accept, MovesNothingWhileAnythingStandsInTheWay) {
  set_lane("WP01", "for_review");
  set_lane("WP02", "in_progress");
  const std::string before = read(wp_file("WP01"));
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->blockers,
            (std::vector<std::string>{"WP01: 2 open boxes in tasks.md: T001, T002", "WP02: in_progress"}));
  EXPECT_TRUE(outcome->events.empty());
  EXPECT_EQ(read(wp_file("WP01")), before);
  EXPECT_TRUE(queued().empty());
}

TEST_F(Accept, NeedsAReviewer) {
  set_lane("WP01", "for_review");
  set_lane("WP02", "done");
  tick_all();
  git({"config", "--unset", "user.name"});
  const auto nobody = run();
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, ErrorKind::usage);
  EXPECT_NE(nobody.error().hint.find("--actor"), std::string::npos);
  const auto outcome = run("bob");
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->events.size(), 1u);
}

TEST_F(Accept, IsNotHeldUpByWorkThatWasGivenUp) {
  set_lane("WP01", "canceled");
  set_lane("WP02", "for_review");
  tick_all();
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->blockers.empty());
  ASSERT_EQ(outcome->events.size(), 1u);
  EXPECT_EQ(outcome->events.front().aggregate_id, "WP02");
  EXPECT_EQ(outcome->changed_files, std::vector<Path>{path(wp_file("WP02"))});
  EXPECT_EQ(work_package("WP01").lane, protocol::Lane::canceled);
}

TEST_F(Accept, RefusesAFeatureThatItCannotReadWhole) {
  set_lane("WP01", "for_review");
  write(wp_file("WP02"), "no frontmatter\n");
  const auto refused = run();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(refused.error().file, path(wp_file("WP02")).string());
  EXPECT_TRUE(queued().empty());

  const auto status = feature_status(environment_, feature());
  ASSERT_TRUE(status);
  ASSERT_EQ(status->problems.size(), 1u);
  EXPECT_EQ(status->problems.front().file, path(wp_file("WP02")).string());
  EXPECT_EQ(status->lanes[3].work_packages.size(), 1u);
}

TEST_F(Accept, RefusesAFeatureWithoutWorkPackages) {
  std::filesystem::remove_all(path(spec("tasks")));
  EXPECT_EQ(run().error().kind, ErrorKind::invalid);
}

TEST_F(Accept, IsPreparedByAStatusThatWritesNothing) {
  set_lane("WP01", "in_progress");
  const auto status = feature_status(environment_, feature());
  ASSERT_TRUE(status) << status.error().message;
  ASSERT_EQ(status->lanes.size(), 7u);
  ASSERT_EQ(status->lanes[0].work_packages.size(), 1u);
  EXPECT_EQ(status->lanes[0].work_packages[0].wp_id, "WP02");
  EXPECT_EQ(status->lanes[0].work_packages[0].waits_for, std::vector<std::string>{"WP01"});
  ASSERT_EQ(status->lanes[2].work_packages.size(), 1u);
  EXPECT_EQ(status->lanes[2].work_packages[0].open_boxes, 2u);
  EXPECT_FALSE(std::filesystem::exists(top_ / "home"));
}

}  // namespace
}  // namespace pawprint::workflow
