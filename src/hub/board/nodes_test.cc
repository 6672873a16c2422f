// Machines on the board: what each has sent, as the log says.
#include "hub/board/board_fixture.h"
#include "hub/board/verify.h"
#include "sqlite/connection.h"

namespace pawprint::hub::board {
namespace {

class NodesTest : public BoardFixture {
 protected:
  store::NewEvent from(std::uint64_t number, std::string_view node, std::uint64_t lamport = 1) {
    store::NewEvent event =
        logged({.number = number, .event_type = "WPCreated", .payload = R"({"wp_id":"WP01"})"});
    event.node_id = node;
    event.lamport = lamport;
    return event;
  }

  // "node: last seq, events, highest Lamport value; " of all of the team's.
  std::string kept() {
    std::string text;
    const auto nodes = store_->boards().nodes(team_, UINT64_C(1) << 62, 100);
    EXPECT_TRUE(nodes) << nodes.error().message;
    if (!nodes) return text;
    for (const auto& [node_id, counts, last] : nodes->rows) {
      text +=
          fmt::format("{}: {}, {}, {}; ", node_id, counts.last_seq, counts.events, counts.highest_lamport);
    }
    return text;
  }

  void change(std::string_view sql) {
    auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
    ASSERT_TRUE(other);
    const auto changed = other->execute(sql);
    ASSERT_TRUE(changed) << changed.error().message;
  }
};

TEST_F(NodesTest, AreWhatTheLogSaysHoweverItWasTakenIn) {
  const std::string all = "laptop: 4, 3, 9; runner: 2, 1, 3; ";
  append_to(team_, {from(1, "laptop", 5), from(2, "runner", 3), from(3, "laptop", 9)});
  append_to(make_team("other").team_id, {from(1, "theirs")});
  Board one_by_one(*store_, 1);
  ASSERT_TRUE(one_by_one.catch_up(team_));
  append_to(team_, {from(4, "laptop", 2), from(5, "")});
  ASSERT_TRUE(one_by_one.catch_up(team_));
  EXPECT_EQ(kept(), all);
  ASSERT_TRUE(one_by_one.rebuild(team_));
  EXPECT_EQ(kept(), all);
  open_store();  // so that nothing of the log is in memory
  ASSERT_TRUE(Board(*store_, 2).rebuild(team_));
  EXPECT_EQ(kept(), all);
}

TEST_F(NodesTest, ThatTheLogDoesNotTellAreNoticedAndARebuildMendsThem) {
  append_to(team_, {from(1, "laptop"), from(2, "runner")});
  ASSERT_TRUE(Board(*store_).catch_up(team_));
  change("UPDATE board_nodes SET events = 7 WHERE node_id = 'laptop'");
  auto scratch = store::Store::open(environment_, directory_ / "scratch");
  ASSERT_TRUE(scratch) << scratch.error().message;
  Board board(*store_);
  const auto found = verify_team(*store_, board, **scratch, team_);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->board_faults, std::vector<std::string>{"board_nodes is not what the log says"});
  ASSERT_TRUE(board.rebuild(team_));
  EXPECT_EQ(kept(), "runner: 2, 1, 1; laptop: 1, 1, 1; ");
}

// Before schema version 9 there was no table of them.
TEST_F(NodesTest, OfAnOlderHubAreFilledFromTheLogAsFarAsItsBoardHasCome) {
  append_to(team_, {from(1, "laptop", 4), from(2, "runner"), from(3, ""), from(4, "laptop", 2)});
  ASSERT_TRUE(Board(*store_).catch_up(team_));
  append_to(team_, {from(5, "laptop"), from(6, "late")});
  store_.reset();
  change(
      "DROP TABLE board_nodes; ALTER TABLE invitations DROP COLUMN inviter_id;"
      "DELETE FROM schema_version WHERE version > 8");
  open_store();
  EXPECT_EQ(store_->boards().position(team_)->seq, 4U);
  EXPECT_EQ(kept(), "laptop: 4, 2, 4; runner: 2, 1, 1; ");
  ASSERT_TRUE(Board(*store_).catch_up(team_));
  EXPECT_EQ(kept(), "late: 6, 1, 1; laptop: 5, 3, 4; runner: 2, 1, 1; ");
}

TEST_F(NodesTest, WhoseLastEventIsDamagedAreListedAllTheSame) {
  append_to(team_, {from(1, "laptop"), from(2, "runner")});
  ASSERT_TRUE(Board(*store_).catch_up(team_));
  change("UPDATE events SET body = replace(body, '2026-02-03', '2027-02-03') WHERE seq = 2");
  Board board(*store_);
  const auto page = board.nodes(team_, std::nullopt, 10);
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->nodes.size(), 2U);
  EXPECT_EQ(page->nodes[0].clock_ahead_ms, std::nullopt);
  EXPECT_NE(page->nodes[1].clock_ahead_ms, std::nullopt);
}

}  // namespace
}  // namespace pawprint::hub::board
