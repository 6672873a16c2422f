// Places in the log that the real hub cannot go on from.
#include "hub/board/cursor.h"

#include <boost/json/parse.hpp>

#include "base/format.h"
#include "faults/fault_fixture.h"
#include "harness/subscriber.h"

namespace pawprint::testing {
namespace {

constexpr std::uint64_t kEvents = 5;

class Cursors : public FaultTest {
 protected:
  Cursors() {
    EXPECT_EQ(kim_.batch(member_events(1, kEvents), ledger_).success, kEvents);
    EXPECT_EQ(robin_.batch(member_events(1, kEvents, {.team_slug = kOtherTeam}), ledger_).success, kEvents);
  }

  hub::board::Cursor place_of(Member& member, int seq) {
    const auto page = member.get("/api/v1/events?limit=" + std::to_string(seq));
    const auto cursor = hub::board::decode_cursor(page.at("next").as_string().c_str());
    EXPECT_TRUE(cursor);
    return cursor.value_or(hub::board::Cursor{});
  }

  std::vector<std::string> bad_ones() {
    const hub::board::Cursor good = place_of(kim_, 3);
    EXPECT_EQ(good.seq, 3U);
    hub::board::Cursor other_epoch = good, future = good, far_future = good, changed = good, nothing = good;
    other_epoch.epoch.back() = other_epoch.epoch.back() == '0' ? '1' : '0';
    future.seq = kEvents + 1;
    far_future.seq = ~std::uint64_t{0};
    changed.body_hash[0] ^= 1U;
    nothing.seq = 0;  // where no event has a hash
    const std::string whole = hub::board::encode_cursor(good);
    return {hub::board::encode_cursor(other_epoch),
            hub::board::encode_cursor(future),
            hub::board::encode_cursor(far_future),
            hub::board::encode_cursor(changed),
            hub::board::encode_cursor(nothing),
            hub::board::encode_cursor(place_of(robin_, 3)),
            whole.substr(0, whole.size() - 1),
            whole + "A",
            "nonsense"};
  }

  struct List {
    std::string path, good;
    std::vector<std::string> bad;
  };
  std::vector<List> lists() {
    const hub::board::Cursor place = place_of(kim_, 3);
    const hub::board::ProjectsCursor project{.epoch = place.epoch, .uuid = std::string(kMembersProject)};
    hub::board::ProjectsCursor other_epoch = project, other_project = project;
    other_epoch.epoch.back() = other_epoch.epoch.back() == '0' ? '1' : '0';
    other_project.uuid.back() = other_project.uuid.back() == '0' ? '1' : '0';
    List events{"/api/v1/events", hub::board::encode_cursor(place), bad_ones()};
    List nodes{"/api/v1/nodes", hub::board::encode_nodes_cursor(place), {}};
    for (const std::string& bad : events.bad) nodes.bad.push_back("n." + bad);
    List projects{"/api/v1/projects",
                  hub::board::encode_projects_cursor(project),
                  {hub::board::encode_projects_cursor(other_epoch),
                   hub::board::encode_projects_cursor(other_project), project.uuid, "p.", "nonsense"}};
    std::vector<List> all{events, nodes, projects};
    for (List& one : all) {
      for (const List& other : {events, nodes, projects}) {
        if (other.path != one.path) one.bad.push_back(other.good);
      }
    }
    return all;
  }

  Member kim_ = kim();
  Member robin_ = robin();
};

TEST_F(Cursors, OfAnotherLogOrListOrNoneAre410AndNeverAnEmptyPage) {
  for (const auto& [path, place, bad] : lists()) {
    EXPECT_EQ(kim_.send("GET", path + "?after=" + place)->status, 200) << path << place;
    for (const std::string& after : bad) {
      const auto answer = kim_.send("GET", path + "?after=" + after);
      ASSERT_TRUE(answer) << answer.error().message;
      EXPECT_EQ(answer->status, 410) << path << after;
      EXPECT_EQ(boost::json::parse(answer->body).at("error_category").as_string(), "resync") << after;
    }
  }
  const std::string good = hub::board::encode_cursor(place_of(kim_, 3));
  EXPECT_EQ(kim_.get("/api/v1/events?after=" + good).at("events").as_array().size(), kEvents - 3);
  expect_laws();
}

TEST_F(Cursors, OfAnotherLogOrNoneAreToldToBeginAnewOnASocketWhichGoesOn) {
  std::uint64_t last = kEvents;
  Subscriber staying;  // for whom the hub keeps its snapshot: others get that, and what came since
  staying.connect(kim_);
  for (const std::string& since : bad_ones()) {
    SCOPED_TRACE(since);
    Subscriber watching;
    watching.connect(kim_);
    RawConnection& socket = watching.connection();
    ASSERT_TRUE(socket.send_text_frame(fmt::format(R"({{"type":"subscribe","since":"{}"}})", since)));
    auto resync = next_frame_of(socket);
    while (resync.contains("seq")) resync = next_frame_of(socket);  // before the hub has read where to go on
    ASSERT_EQ(resync["type"], "resync");
    EXPECT_FALSE(resync["reason"].as_string().empty());
    auto snapshot = next_frame_of(socket);
    ASSERT_EQ(snapshot["type"], "snapshot");
    const auto place = hub::board::decode_cursor(snapshot["cursor"].as_string().c_str());
    ASSERT_TRUE(place);
    EXPECT_EQ(kim_.batch(member_events(++last, 1), ledger_).success, 1U);
    for (std::uint64_t seq = place->seq + 1; seq <= last; ++seq) {
      ASSERT_EQ(next_frame_of(socket)["seq"], seq);
    }
  }
  expect_laws();
}

}  // namespace
}  // namespace pawprint::testing
