// A hub whose boards are folded anew from a long log, as after an upgrade, while its team reads, watches and
// sends: what it answers is right, or says that it is not whole yet.
#include <boost/json/parse.hpp>

#include "base/format.h"
#include "faults/fault_fixture.h"
#include "harness/raw_connection.h"
#include "harness/size.h"
#include "harness/subscriber.h"
#include "sqlite/connection.h"

namespace pawprint::testing {
namespace {

constexpr std::uint64_t kBatch = 1000;
constexpr std::size_t kWorkPackages = 20;

class Upgrade : public FaultTest {
 protected:
  Upgrade() : member_(kim()), events_(from_variable("PAWPRINT_UPGRADE_EVENTS", 10'000) / kBatch * kBatch) {
    for (std::uint64_t first = 1; first <= events_; first += kBatch) {
      EXPECT_EQ(member_.batch(member_events(first, kBatch), ledger_).success, kBatch);
    }
  }

  // What the step of version 8 does again: the log stays, of the boards nothing.
  void forget_boards() const {
    auto opened = sqlite::Connection::open(hub_.data() / "hub.db", sqlite::Access::read_write);
    ASSERT_TRUE(opened) << opened.error().message;
    const auto done = opened->execute(
        "BEGIN; DROP TABLE board_nodes; DROP TABLE board_transition_runs; CREATE TABLE board_transitions "
        "(team_id); ALTER TABLE invitations DROP COLUMN inviter_id;"
        "DELETE FROM schema_version WHERE version > 7; COMMIT");
    ASSERT_TRUE(done) << done.error().message;
  }

  void upgrade() {
    hub_.signal(SIGTERM);
    ASSERT_EQ(hub_.wait(), 0);
    forget_boards();
    hub_.start();
  }

  std::unique_ptr<RawConnection> open(std::string_view query = "") {
    auto connection = std::make_unique<RawConnection>(hub_.url());
    const RawAnswer upgraded = open_live_channel(*connection, member_.ws_token(), query);
    EXPECT_EQ(upgraded.status, 101) << upgraded.head;
    return connection;
  }

  // false: there is nothing left to take in, and this was the whole board.
  bool expect_board_right_or_behind() {
    const auto list = member_.get("/api/v1/projects");
    const bool list_behind = list.at("events_behind").as_int64() > 0;
    EXPECT_TRUE(list_behind || list.at("projects").as_array().size() == 1);
    const auto feature =
        member_.send("GET", fmt::format("/api/v1/projects/{}/features/032-sync", kMembersProject));
    EXPECT_TRUE(feature);
    if (!feature || feature->status == 503) return feature && feature->header("Retry-After") != nullptr;
    EXPECT_EQ(feature->status, 200) << feature->body;
    const auto board = boost::json::parse(feature->body).as_object();
    if (board.at("events_behind").as_int64() > 0) return true;
    EXPECT_EQ(board.at("lanes").at("planned").as_array().size(), kWorkPackages);
    return list_behind;
  }

  Member member_;
  const std::uint64_t events_;
};

TEST_F(Upgrade, ThatFoldsTheBoardsAnewShowsNobodyHalfOfOne) {
  upgrade();
  const auto watching = open();
  const auto sending = open("?stream=clock");
  EXPECT_EQ(next_frame_of(*sending).at("type").as_string(), "snapshot");
  ASSERT_TRUE(sending->send_text_frame(member_event({.number = events_ + 1})));
  while (expect_board_right_or_behind() && !HasFailure()) {
  }
  for (;;) {
    const auto frame = next_frame_of(*sending);
    ASSERT_FALSE(frame.empty()) << "no answer to what was sent";
    if (frame.at("type").as_string() != "ack") continue;
    EXPECT_EQ(frame.at("status").as_string(), "success");
    break;
  }
  const auto snapshot = next_frame_of(*watching);
  ASSERT_EQ(snapshot.at("type").as_string(), "snapshot");
  EXPECT_EQ(snapshot.at("work_packages").as_array().size(), kWorkPackages);
  const auto behind = member_.get(
      fmt::format("/api/v1/events?limit=1000&after={}", std::string(snapshot.at("cursor").as_string())));
  EXPECT_LE(behind.at("events").as_array().size(), 1U) << "a snapshot of a board that is not whole";
  expect_laws();
}

}  // namespace
}  // namespace pawprint::testing
