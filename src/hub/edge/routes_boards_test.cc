#include <gtest/gtest.h>

#include <set>

#include "base/clock_source.h"
#include "hub/edge/edge_fixture.h"
#include "protocol/canonical.h"

namespace pawprint::hub::edge {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kHubMs = 1'770'120'000'000;  // where the clock of the hub stands

struct Made {
  std::uint64_t number = 1;
  std::string node = "a1b2c3d4e5f6";
  std::int64_t at_ms = kHubMs;
  std::string project = std::string(kProject);
};

std::string created_event(const Made& made) {
  protocol::Envelope envelope;
  envelope.event_id = fmt::format("01KGJX5B3V9M3S4T5V6W7{:05}", made.number);
  envelope.event_type = "WPCreated";
  envelope.aggregate_id = "WP01";
  envelope.aggregate_type = "WorkPackage";
  envelope.payload = fmt::format(R"({{"wp_id":"WP01","title":"Build it","feature_slug":"{}"}})", kFeature);
  envelope.node_id = made.node;
  envelope.lamport_clock = made.number;
  envelope.timestamp = rfc3339_utc(made.at_ms);
  envelope.team_slug = "acme";
  envelope.project_uuid = made.project;
  return protocol::write_envelope(envelope);
}

class BoardRoutesTest : public EdgeFixture {
 protected:
  void SetUp() override {
    EdgeFixture::SetUp();
    ada_ = token_of("ada@example.org");
  }

  void store_events(const std::vector<std::string>& events) {
    std::string body;
    for (const std::string& event : events) body += (body.empty() ? "" : ",") + event;
    const auto answer = batch(fmt::format(R"({{"events":[{}]}})", body), ada_);
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_FALSE(verdicts_in(answer).contains("error")) << answer.body;
  }

  boost::json::array nodes() { return object_in(get("/api/v1/nodes", ada_)).at("nodes").as_array(); }

  // "name name|name" of a list in pages of `limit`, each item by its `key`.
  std::string in_pages(const std::string& path, std::string_view list, std::string_view key, int limit) {
    std::string text;
    std::string after;
    for (int pages = 0; pages < 20; ++pages) {
      const auto page = get(fmt::format("{}?limit={}{}", path, limit, after), ada_);
      const auto object = object_in(page);
      for (const auto& item : object.at(list).as_array()) {
        text += item.at(key).as_string().c_str();
        text += ' ';
      }
      if (object.at("next").is_null()) return text;
      text += '|';
      after = "&after=" + this->text(page, "next");
    }
    return text + "without an end";
  }

  std::string ada_;
};

TEST_F(BoardRoutesTest, AMachineStaysListedHoweverMuchOthersSend) {
  store_events({created_event({.number = 1, .node = "laptop"})});
  const std::string team = (*store_->users().find_team("acme"))->team_id;
  for (int round = 0; round < 21; ++round) {
    std::vector<store::NewEvent> events(1000);
    for (std::size_t i = 0; i < events.size(); ++i) {
      events[i].event_id = fmt::format("{:02}-{:04}", round, i);
      events[i].body = fmt::format(R"({{"event_id":"{}"}})", events[i].event_id);
      events[i].body_hash = *protocol::content_hash(events[i].body);
      events[i].node_id = "runner";
    }
    ASSERT_TRUE(store_->log().append(team, events));
  }
  ASSERT_TRUE(board_->catch_up(team));
  const auto seen = nodes();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].at("node_id").as_string(), "runner");
  EXPECT_EQ(seen[0].at("events").as_int64(), 21'000);
  EXPECT_EQ(seen[1].at("node_id").as_string(), "laptop");
  EXPECT_EQ(seen[1].at("last_seen").as_string(), rfc3339_utc(kHubMs));
  EXPECT_EQ(seen[1].at("highest_lamport").as_int64(), 1);
}

TEST_F(BoardRoutesTest, AnEventWithoutANodeMakesNoMachine) {
  store_events({R"({"event_id":"01KGJX5B3V9M3S4T5V6W700001","schema_version":"3.0.0"})"});
  EXPECT_EQ(nodes().size(), 0U);
}

// Only the future tells: what comes late may have been on its way.
TEST_F(BoardRoutesTest, AMachineWhoseClockIsAheadIsShownToBe) {
  store_events({created_event({.number = 1, .at_ms = kHubMs - kHourMs}),
                created_event({.number = 2, .at_ms = kHubMs + kHourMs})});
  EXPECT_EQ(nodes().at(0).at("clock_ahead_ms").as_int64(), kHourMs);
  store_events({created_event({.number = 3, .at_ms = kHubMs - 24 * kHourMs})});
  EXPECT_EQ(nodes().at(0).at("clock_ahead_ms").as_int64(), 0) << "its clock was set right";
  store_events(
      {R"({"event_id":"01KGJX5B3V9M3S4T5V6W700004","schema_version":"3.0.0","node_id":"a1b2c3d4e5f6"})"});
  EXPECT_TRUE(nodes().at(0).at("clock_ahead_ms").is_null()) << "an event that says no time";
  EXPECT_EQ(nodes().at(0).at("events").as_int64(), 4);
}

TEST_F(BoardRoutesTest, MachinesAreListedInPagesWhoWasSeenLastFirst) {
  std::vector<std::string> events;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    events.push_back(created_event({.number = i, .node = fmt::format("node{}", i)}));
  }
  events.push_back(created_event({.number = 6, .node = "node2"}));
  store_events(events);
  EXPECT_EQ(in_pages("/api/v1/nodes", "nodes", "node_id", 2), "node2 node5 |node4 node3 |node1 ");
  EXPECT_EQ(in_pages("/api/v1/nodes", "nodes", "node_id", 5), "node2 node5 node4 node3 node1 ");
}

TEST_F(BoardRoutesTest, ProjectsAreListedInPages) {
  std::vector<std::string> events;
  std::string all;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    const std::string uuid = fmt::format("550e8400-e29b-41d4-a716-{:012}", i);
    events.push_back(created_event({.number = i, .project = uuid}));
    all += uuid + ' ' + (i % 2 == 0 ? "|" : "");
  }
  store_events(events);
  EXPECT_EQ(in_pages("/api/v1/projects", "projects", "uuid", 2), all);
  const auto last = object_in(get("/api/v1/projects?limit=1000", ada_)).at("projects").as_array();
  ASSERT_EQ(last.size(), 5U);
  EXPECT_EQ(last[4].at("features").as_array().size(), 1U);
}

TEST_F(BoardRoutesTest, APageThatCannotBeIsRefused) {
  for (const std::string path : {"/api/v1/projects", "/api/v1/nodes"}) {
    for (const char* limit : {"0", "1001", "-1", "ten", ""}) {
      EXPECT_EQ(get(path + "?limit=" + limit, ada_).status, 400) << path << limit;
    }
    const auto answer = get(path + "?after=nonsense", ada_);
    EXPECT_EQ(answer.status, 410) << path;
    EXPECT_EQ(text(answer, "error_category"), "resync");
  }
}

TEST_F(BoardRoutesTest, ACursorOfAnotherListOrTeamIsNeverAPage) {
  const std::string theirs = token_of("bob@example.org");
  std::vector<std::string> events, of_other;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    Made made{.number = i, .node = fmt::format("node{}", i)};
    made.project = fmt::format("550e8400-e29b-41d4-a716-{:012}", i);
    events.push_back(created_event(made));
    made.project = fmt::format("550e8400-e29b-41d4-a717-{:012}", i);
    of_other.push_back(created_event(made));
  }
  store_events(events);
  for (std::string& event : of_other) event.replace(event.find("acme"), 4, "other");
  const auto stored =
      batch(fmt::format(R"({{"events":[{},{},{}]}})", of_other[0], of_other[1], of_other[2]), theirs);
  ASSERT_EQ(verdicts_in(stored), "success success success");
  const std::vector<std::string> lists{"/api/v1/events", "/api/v1/projects", "/api/v1/nodes"};
  for (const std::string& of : lists) {
    const std::string cursor = text(get(of + "?limit=1", ada_), "next");
    const std::string foreign = text(get(of + "?limit=1", theirs), "next");
    for (const std::string& list : lists) {
      const auto answer = get(list + "?after=" + cursor, ada_);
      EXPECT_EQ(answer.status, list == of ? 200 : 410) << of << " " << list << answer.body;
      EXPECT_EQ(get(list + "?after=" + foreign, ada_).status, 410) << of << " " << list;
    }
  }
}

}  // namespace
}  // namespace pawprint::hub::edge
