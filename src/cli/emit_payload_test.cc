#include "cli/emit_payload.h"

#include "workflow/sample_project_for_test.h"

namespace pawprint::cli {
namespace {

class EmitPayload : public workflow::SampleProject {
 protected:
  Result<std::string> completed(std::string_view payload, std::string_view type = "HistoryAdded") {
    Context context{environment_, {}, false, {}};
    Event event;
    event.event_type = type;
    event.aggregate_id = "WP01";
    event.payload = payload;
    return completed_payload(context, event);
  }
};

TEST_F(EmitPayload, GetsTheOnlyFeatureAndKeepsEveryByte) {
  EXPECT_EQ(completed("{ \"wp_id\": \"WP01\", \"n\": 1.0 }"),
            R"({ "wp_id": "WP01", "n": 1.0 ,"feature_slug":"001-sample-feature"})");
  EXPECT_EQ(completed("{}"), R"({"feature_slug":"001-sample-feature"})");
}

TEST_F(EmitPayload, StaysAsItIsWhereNothingIsMissing) {
  EXPECT_EQ(completed(R"({"feature_slug":"x"})"), R"({"feature_slug":"x"})");
  EXPECT_EQ(completed("{}", "DeploymentDone"), "{}");
  EXPECT_EQ(completed("{\"a\": tru}"), "{\"a\": tru}");
  environment_.directory = top_;
  EXPECT_EQ(completed("{}"), "{}");
}

TEST_F(EmitPayload, GetsTheFeatureOfTheWorktreeWhereThereAreSeveral) {
  std::filesystem::create_directories(path("kitty-specs/002-other"));
  std::filesystem::create_directories(path(".worktrees/002-other-WP01"));
  environment_.directory = path(".worktrees/002-other-WP01");
  EXPECT_EQ(completed("{}"), R"({"feature_slug":"002-other"})");

  environment_.directory = root_;
  const auto refused = completed(R"({"wp_id":"WP01"})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(refused.error().path, "payload.feature_slug");
  EXPECT_EQ(refused.error().hint,
            "pawprint emit HistoryAdded --aggregate WP01 --payload "
            R"('{"wp_id":"WP01","feature_slug":"001-sample-feature"}')");
  EXPECT_EQ(completed("{\"wp_id\":\"WP01\"}\n").error().hint, refused.error().hint)
      << "what is to be typed has no end of a line in it";
}

TEST_F(EmitPayload, IsAboutItsAggregate) {
  const auto refused = completed(R"({"wp_id":"WP02","feature_slug":"x"})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(refused.error().path, "payload.wp_id");
  EXPECT_NE(refused.error().hint.find("--aggregate WP02 "), std::string::npos) << refused.error().hint;
}

}  // namespace
}  // namespace pawprint::cli
