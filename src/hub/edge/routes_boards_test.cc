#include <gtest/gtest.h>

#include "base/clock_source.h"
#include "hub/edge/edge_fixture.h"

namespace pawprint::hub::edge {
namespace {

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
  for (const std::string path : {"/api/v1/projects"}) {
    for (const char* limit : {"0", "1001", "-1", "ten", ""}) {
      EXPECT_EQ(get(path + "?limit=" + limit, ada_).status, 400) << path << limit;
    }
    const auto answer = get(path + "?after=nonsense", ada_);
    EXPECT_EQ(answer.status, 410) << path;
    EXPECT_EQ(text(answer, "error_category"), "resync");
  }
}

}  // namespace
}  // namespace pawprint::hub::edge
