#include <gtest/gtest.h>

#include "hub/board/cursor.h"
#include "hub/edge/edge_fixture.h"
#include "sqlite/connection.h"

namespace pawprint::hub::edge {
namespace {

class EventRoutesTest : public EdgeFixture {
 protected:
  void SetUp() override {
    EdgeFixture::SetUp();
    ada_ = token_of("ada@example.org");
    bob_ = token_of("bob@example.org");
  }

  void store_moves() {
    const std::string body = fmt::format(R"({{"events":[{},{}]}})", move_event(1, "planned", "in_progress"),
                                         move_event(2, "in_progress", "for_review"));
    ASSERT_EQ(verdicts_in(batch(body, ada_)), "success success");
  }

  std::string feature_path() const {
    return fmt::format("/api/v1/projects/{}/features/{}", kProject, kFeature);
  }

  std::string ada_, bob_;
};

TEST_F(EventRoutesTest, ABatchGetsOneVerdictPerEventWithClockAndEpoch) {
  const std::string event = move_event(5, "planned", "in_progress");
  const auto answer = batch(fmt::format(R"({{"events":[{},{},{{"not":"an event"}}]}})", event, event), ada_);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(verdicts_in(answer), "success duplicate error:schema_mismatch");
  EXPECT_EQ(header(answer, "X-Pawprint-Clock"), "5");
  EXPECT_EQ(header(answer, "X-Pawprint-Epoch"), store_->epoch());
  EXPECT_EQ(header(answer, "Content-Type"), "application/json");
}

TEST_F(EventRoutesTest, AnEmptyBatchIsAPing) {
  const auto answer = batch(R"({"events":[]})", ada_);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"results":[]})");
}

TEST_F(EventRoutesTest, AViewerReadsButDoesNotWrite) {
  const auto team = store_->users().find_team("acme");
  ASSERT_TRUE(team && *team);
  add_user("eve@example.org", **team, store::kRoleViewer);
  const std::string eve = token_of("eve@example.org");
  const auto refused = batch(R"({"events":[]})", eve);
  EXPECT_EQ(refused.status, 403);
  EXPECT_FALSE(text(refused, "error_category").empty());
  EXPECT_EQ(get("/api/v1/projects", eve).status, 200);
}

// Without a refresh: the token still says what they were.
TEST_F(EventRoutesTest, WhoBecameAViewerOrLeftTheTeamWritesNothingFromThenOn) {
  const auto team = store_->users().find_team("acme");
  ASSERT_TRUE(team && *team);
  const std::string first = fmt::format(R"({{"events":[{}]}})", move_event(1, "planned", "in_progress"));
  ASSERT_EQ(verdicts_in(batch(first, ada_)), "success");
  ASSERT_TRUE(store_->users().set_role("ada@example.org", **team, store::kRoleViewer));
  const auto refused = batch(first, ada_);
  EXPECT_EQ(refused.status, 403) << refused.body;
  EXPECT_EQ(text(refused, "error_category"), "forbidden");
  ASSERT_TRUE(store_->users().set_role("ada@example.org", **team, store::kRoleOwner));
  EXPECT_EQ(verdicts_in(batch(first, ada_)), "duplicate");
  ASSERT_TRUE(store_->users().remove_member("ada@example.org", **team));
  EXPECT_EQ(batch(first, ada_).status, 401);
}

TEST_F(EventRoutesTest, ProjectsAndFeaturesShowWhatWasStored) {
  store_moves();
  const auto projects = object_in(get("/api/v1/projects", ada_));
  ASSERT_EQ(projects.at("projects").as_array().size(), 1U);
  const auto& project = projects.at("projects").as_array()[0].as_object();
  EXPECT_EQ(project.at("uuid").as_string(), kProject);
  EXPECT_EQ(project.at("features").as_array()[0].at("counts").at("for_review").as_int64(), 1);
  EXPECT_TRUE(projects.at("next").is_null());
  const auto answer = get(feature_path(), ada_);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto feature = object_in(answer);
  EXPECT_EQ(feature.at("lanes").as_object().size(), 7U);
  EXPECT_EQ(feature.at("lanes").at("for_review").as_array()[0].at("wp_id").as_string(), "WP01");
  EXPECT_FALSE(text(answer, "as_of").empty());
}

TEST_F(EventRoutesTest, AProjectByItselfIsAsInTheListAndItsMachinesAreKnown) {
  store_moves();
  const std::string project = get(fmt::format("/api/v1/projects/{}", kProject), ada_).body;
  EXPECT_EQ(get("/api/v1/projects", ada_).body,
            fmt::format(R"({{"projects":[{}],"next":null,"events_behind":0}})", project));
  const auto nodes = object_in(get("/api/v1/nodes", ada_)).at("nodes").as_array();
  ASSERT_EQ(nodes.size(), 1U);
  EXPECT_EQ(nodes[0].at("node_id").as_string(), "a1b2c3d4e5f6");
  EXPECT_EQ(nodes[0].at("events").as_int64(), 2);
}

TEST_F(EventRoutesTest, ATeamSeesNothingOfAnother) {
  store_moves();
  EXPECT_EQ(get("/api/v1/nodes", bob_).body, R"({"nodes":[],"next":null,"events_behind":0})");
  EXPECT_EQ(get("/api/v1/projects", bob_).body, R"({"projects":[],"next":null,"events_behind":0})");
  EXPECT_TRUE(object_in(get("/api/v1/events", bob_)).at("events").as_array().empty());
}

TEST_F(EventRoutesTest, ForeignAndMissingObjectsAreTheSameBytes) {
  store_moves();
  const std::string missing = "/api/v1/projects/11111111-2222-4333-8444-555555555555/features/032-sync";
  const auto foreign = get(feature_path(), bob_);
  EXPECT_EQ(foreign.status, 403);
  for (const auto& answer : {get(missing, bob_), get("/api/v1/projects/nonsense/features/x", bob_),
                             get("/api/v1/events?project=" + std::string(kProject), bob_),
                             get("/api/v1/events?project=11111111-2222-4333-8444-555555555555", bob_)}) {
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body, foreign.body);
  }
}

// As after an upgrade that has the boards folded anew from the log: a board that has not begun.
TEST_F(EventRoutesTest, WhatABoardMayNotShowYetIsToBeAskedForAgainAndNotForbidden) {
  constexpr std::uint64_t kEvents = 5001;  // more than a reader waits for
  for (std::uint64_t first = 1; first <= kEvents; first += 500) {
    std::string body = R"({"events":[)";
    for (std::uint64_t i = first; i < first + 500; ++i) {
      body += (i == first ? "" : ",") + move_event(i, "planned", "in_progress");
    }
    ASSERT_EQ(batch(body + "]}", ada_).status, 200);
  }
  const auto projects = get("/api/v1/projects", ada_);
  EXPECT_EQ(projects.status, 200);
  EXPECT_GE(object_in(projects).at("events_behind").as_int64(), kEvents) << projects.body;
  const std::string next_page =  // from before the upgrade
      "/api/v1/projects?after=" +
      board::encode_projects_cursor({.epoch = store_->epoch(), .uuid = std::string(kProject)});
  for (const std::string& path : {feature_path(), fmt::format("/api/v1/projects/{}", kProject), next_page}) {
    const auto answer = get(path, ada_);
    EXPECT_EQ(answer.status, 503) << path << answer.body;
    EXPECT_FALSE(header(answer, "Retry-After").empty());
  }
  EXPECT_EQ(get(feature_path(), bob_).status, 403) << "the other team has no such log";
  EXPECT_EQ(get(next_page, bob_).status, 410);
  ASSERT_TRUE(board_->catch_up((*store_->users().find_team("acme"))->team_id));
  EXPECT_EQ(get(feature_path(), ada_).status, 200);
  EXPECT_EQ(get(next_page, ada_).status, 200);
  EXPECT_EQ(object_in(get("/api/v1/projects", ada_)).at("events_behind").as_int64(), 0);
}

TEST_F(EventRoutesTest, EventsArePagedByCursorByteForByte) {
  store_moves();
  const auto first = get("/api/v1/events?limit=1", ada_);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_TRUE(first.body.contains(move_event(1, "planned", "in_progress")));
  EXPECT_EQ(object_in(first).at("events").as_array()[0].at("seq").as_int64(), 1);
  const auto second =
      get(fmt::format("/api/v1/events?limit=1&after={}&project={}", text(first, "next"), kProject), ada_);
  EXPECT_TRUE(second.body.contains(move_event(2, "in_progress", "for_review")));
  const auto end = get("/api/v1/events?after=" + text(second, "next"), ada_);
  EXPECT_TRUE(object_in(end).at("events").as_array().empty());
  EXPECT_FALSE(text(end, "next").empty());
}

TEST_F(EventRoutesTest, AnEventThatIsDamagedIsNotServed) {
  store_moves();
  auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
  ASSERT_TRUE(other) << other.error().message;
  ASSERT_TRUE(
      other->execute("UPDATE events SET body = replace(body, 'for_review', 'for_reviev') WHERE seq = 2"));
  EXPECT_EQ(get("/api/v1/events?limit=1", ada_).status, 200);
  const auto answer = get("/api/v1/events", ada_);
  EXPECT_EQ(answer.status, 503) << answer.body;
  EXPECT_FALSE(answer.body.contains("for_reviev"));
  EXPECT_TRUE(text(answer, "error").contains("damaged")) << answer.body;
  EXPECT_EQ(header(answer, "Retry-After"), "") << "no waiting mends it";
  EXPECT_TRUE(
      records_.back().failure.contains("at seq 2 is not what was stored; try: pawprint-hub restore BACKUP"))
      << records_.back().failure;
  EXPECT_TRUE(records_.back().failure.contains("the log of team acme (")) << records_.back().failure;
}

TEST_F(EventRoutesTest, WhatStandsBehindADamagedEventIsServed) {
  store_moves();
  const std::string first = text(get("/api/v1/events?limit=1", ada_), "next");
  const std::string last = text(get("/api/v1/events", ada_), "next");
  const std::string project = fmt::format("&project={}", kProject);
  auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
  ASSERT_TRUE(other) << other.error().message;
  ASSERT_TRUE(other->execute("UPDATE events SET body = replace(body, 'planned', 'planted') WHERE seq = 1"));
  for (const std::string& more : {std::string(), project}) {
    EXPECT_EQ(get("/api/v1/events?limit=1" + more, ada_).status, 503) << more;
    const auto behind = get("/api/v1/events?after=" + first + more, ada_);
    ASSERT_EQ(behind.status, 200) << behind.body;
    EXPECT_EQ(object_in(behind).at("events").as_array()[0].at("seq").as_int64(), 2);
    EXPECT_EQ(text(behind, "next"), last);
  }
}

TEST_F(EventRoutesTest, ACursorThatCannotBeContinuedIsNeverAnEmptyPage) {
  store_moves();
  const std::string cursor = text(get("/api/v1/events", ada_), "next");
  for (const std::string& after : {std::string("nonsense"), std::string(), cursor}) {
    const auto answer = get("/api/v1/events?after=" + after, bob_);  // that place is not in this log
    EXPECT_EQ(answer.status, 410) << after;
    EXPECT_EQ(text(answer, "error_category"), "resync");
  }
}

TEST_F(EventRoutesTest, APageSizeOutOfRangeIs400) {
  for (const char* limit : {"0", "1001", "-1", "ten", ""}) {
    EXPECT_EQ(get(std::string("/api/v1/events?limit=") + limit, ada_).status, 400) << limit;
  }
}

TEST_F(EventRoutesTest, HealthAdvertisesTheLimitsToEverybody) {
  const auto answer = get("/api/v1/sync/health/");
  ASSERT_EQ(answer.status, 200);
  const auto object = object_in(answer);
  const auto& limits = object.at("sync_ingress").at("limits").as_object();
  EXPECT_EQ(limits.at("max_bytes_per_batch").as_int64(), 1048576);
  EXPECT_EQ(limits.size(), 5U);
  EXPECT_EQ(header(answer, "X-Pawprint-Epoch"), store_->epoch());
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(EventRoutesTest, ReadyMeansThatTheStoreCanBeWritten) {
  EXPECT_EQ(get("/readyz").status, 200);
  auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
  ASSERT_TRUE(other) << other.error().message;
  ASSERT_TRUE(other->execute("ALTER TABLE hub_meta RENAME TO lost_meta"));
  clock_.advance_ms(1000);
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_FALSE(records_[records_.size() - 2].failure.empty());
}

TEST_F(EventRoutesTest, AStoreThatFailsIs503AndNever401OrALostVerdict) {
  const std::string refresh = text(sign_in_as("ada@example.org"), "refresh");
  const std::string body = fmt::format(R"({{"events":[{}]}})", move_event(1, "planned", "in_progress"));
  auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
  ASSERT_TRUE(other) << other.error().message;
  for (const char* table : {"events", "users", "refresh_tokens", "board_positions"}) {
    ASSERT_TRUE(other->execute(fmt::format("ALTER TABLE {0} RENAME TO lost_{0}", table)));
  }
  records_.clear();
  for (const auto& answer :
       {batch(body, ada_), get("/api/v1/events", ada_), get("/api/v1/projects", ada_),
        get(feature_path(), ada_), get("/api/v1/me", ada_), sign_in_as("ada@example.org"),
        post("/api/v1/token/refresh/", fmt::format(R"({{"refresh":"{}"}})", refresh))}) {
    EXPECT_EQ(answer.status, 503) << answer.body;
    EXPECT_GE(std::stoi("0" + header(answer, "Retry-After")), 1);
    EXPECT_TRUE(object_in(answer).contains("limits")) << answer.body;
    EXPECT_FALSE(answer.body.contains("lost_")) << answer.body;
  }
  for (const Record& record : records_) EXPECT_FALSE(record.failure.empty()) << record.path;
  EXPECT_TRUE(records_[0].failure.contains("no such table")) << records_[0].failure;
  for (const char* table : {"board_positions", "refresh_tokens", "users", "events"}) {
    ASSERT_TRUE(other->execute(fmt::format("ALTER TABLE lost_{0} RENAME TO {0}", table)));
  }
  EXPECT_EQ(verdicts_in(batch(body, ada_)), "success");
}

}  // namespace
}  // namespace pawprint::hub::edge
