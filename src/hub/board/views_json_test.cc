#include "hub/board/views_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "hub/board/board_fixture.h"
#include "protocol/json.h"

namespace pawprint::hub::board {
namespace {

TEST(ViewsJson, ProjectsAsTheyAreAnswered) {
  const ProjectView project{.uuid = "u",
                            .slug = "demo",
                            .repo_slug = std::nullopt,
                            .last_seen = "t",
                            .features = {{.slug = "032-sync", .counts = {3, 0, 1, 0, 2, 0, 0}}}};
  EXPECT_EQ(projects_json({{project}, "c", 7}),
            R"({"projects":[{"uuid":"u","slug":"demo","repo_slug":null,"last_seen":"t","features":[)"
            R"({"slug":"032-sync","counts":{"planned":3,"claimed":0,"in_progress":1,"for_review":0,"done":2,)"
            R"("blocked":0,"canceled":0}}]}],"next":"c","events_behind":7})");
  EXPECT_EQ(projects_json({}), R"({"projects":[],"next":null,"events_behind":0})");
}

TEST(ViewsJson, AFeatureShowsAllSevenLanes) {
  FeatureView feature{.project_uuid = "u",
                      .slug = "032-sync",
                      .number = "032",
                      .target_branch = std::nullopt,
                      .as_of = "c",
                      .events_behind = 3,
                      .lanes = {}};
  WorkPackageView& card = feature.lanes[4].emplace_back();
  card.wp_id = "WP01";
  card.title = "Build it";
  card.assignee = "ada";
  card.since = "t";
  card.last_event_id = "e";
  card.conflict_json = R"({"from_lane":"planned"})";
  EXPECT_EQ(
      feature_json(feature),
      R"({"project_uuid":"u","feature":{"slug":"032-sync","number":"032","target_branch":null},)"
      R"("as_of":"c","events_behind":3,"lanes":{"planned":[],"claimed":[],"in_progress":[],"for_review":[],"done":[)"
      R"({"wp_id":"WP01","title":"Build it","assignee":"ada","agent":null,"since":"t",)"
      R"("last_event_id":"e","conflict":{"from_lane":"planned"}}],"blocked":[],"canceled":[]}})");
}

TEST(ViewsJson, EventsPassThroughByteForByte) {
  const EventsPage page{
      .events = {{.seq = 7, .cursor = "c7", .received_at = "t", .event = R"({ "n" : 1.0 })"}}, .next = "c7"};
  EXPECT_EQ(events_json(page),
            R"({"events":[{"seq":7,"cursor":"c7","received_at":"t","event":{ "n" : 1.0 }}],"next":"c7"})");
}

class HostileWords : public BoardFixture {};

TEST_F(HostileWords, ArriveOnTheBoardAsTheyWereSaid) {
  const std::string hostile =
      "\"}]}<script>alert('x')</script>\\ \n\x01\x7f {0} %s ' OR 1=1;-- \u202e\U0001F43E";
  append({.number = 1,
          .event_type = "WPCreated",
          .payload = fmt::format(R"({{"wp_id":"WP01","title":{},"feature_slug":{}}})",
                                 protocol::json_string(hostile), protocol::json_string(hostile))});
  append(
      {.number = 2,
       .event_type = "WPStatusChanged",
       .payload = fmt::format(R"({{"wp_id":"WP01","feature_slug":{},"from_lane":"planned","to_lane":"done",)"
                              R"("actor":{}}})",
                              protocol::json_string(hostile), protocol::json_string(hostile)),
       .lamport = 3});
  append(
      {.number = 3,
       .event_type = "WPStatusChanged",
       .payload = fmt::format(R"({{"wp_id":"WP01","feature_slug":{},"from_lane":"planned","to_lane":"done",)"
                              R"("actor":{}}})",
                              protocol::json_string(hostile), protocol::json_string(hostile)),
       .lamport = 4});
  Board board(*store_);
  const auto json = protocol::parse_json(feature_json(feature_of(board, hostile)));
  ASSERT_TRUE(json) << json.error().message;
  const auto& card = json->at("lanes").at("done").at(0);
  EXPECT_EQ(std::string_view(card.at("title").as_string()), hostile);
  EXPECT_EQ(std::string_view(card.at("agent").as_string()), hostile);
  EXPECT_EQ(std::string_view(card.at("conflict").at("sides").at(1).at("actor").as_string()), hostile);
  EXPECT_EQ(std::string_view(json->at("feature").at("slug").as_string()), hostile);
  const auto projects = board.projects(team_, std::nullopt, 100);
  ASSERT_TRUE(projects);
  EXPECT_TRUE(protocol::parse_json(projects_json(*projects)));
}

}  // namespace
}  // namespace pawprint::hub::board
