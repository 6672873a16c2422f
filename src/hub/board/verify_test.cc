#include "hub/board/verify.h"

#include "hub/board/board_fixture.h"
#include "sqlite/connection.h"

namespace pawprint::hub::board {
namespace {

class VerifyTest : public BoardFixture {
 protected:
  void SetUp() override {
    BoardFixture::SetUp();
    auto scratch = store::Store::open(environment_, directory_ / "scratch");
    ASSERT_TRUE(scratch) << scratch.error().message;
    scratch_ = std::move(*scratch);
    std::vector<store::NewEvent> events;
    for (std::uint64_t number = 1; number <= 3; ++number) {
      store::NewEvent event = logged(
          {number, "WPCreated",
           fmt::format(R"({{"wp_id":"WP0{}","title":"Title","feature_slug":"{}"}})", number, kFeature)});
      events.push_back(std::move(event));
    }
    append_to(team_, events);
  }
  Verification verify() {
    Board board(*store_, 2);
    auto found = verify_team(*store_, board, *scratch_, team_);
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(Verification{});
  }
  void damage(std::string_view sql) {
    auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
    ASSERT_TRUE(other);
    ASSERT_TRUE(other->execute(sql));
    ASSERT_GT(other->changes(), 0);
  }
  std::unique_ptr<store::Store> scratch_;
};

TEST_F(VerifyTest, WhatIsWholeHasNoFaultTheSecondTimeToo) {
  for (int round = 0; round < 2; ++round) {
    const Verification found = verify();
    EXPECT_EQ(found.events, 3U);
    EXPECT_EQ(found.log_faults, std::vector<std::string>{});
    EXPECT_EQ(found.board_faults, std::vector<std::string>{});
  }
}

TEST_F(VerifyTest, ATeamWithoutEventsIsWhole) {
  team_ = make_team("empty").team_id;
  const Verification found = verify();
  EXPECT_EQ(found.events, 0U);
  EXPECT_TRUE(found.log_faults.empty() && found.board_faults.empty());
}

TEST_F(VerifyTest, ABodyThatChangedIsNoticed) {
  verify();
  damage("UPDATE events SET body = replace(body, 'Title', 'Tidal') WHERE seq = 2");
  EXPECT_EQ(verify().log_faults, std::vector<std::string>{"the event at seq 2 is not what was stored"});
}

TEST_F(VerifyTest, AnEventThatIsMissingIsNoticed) {
  verify();
  damage("DELETE FROM events WHERE seq = 2");
  EXPECT_EQ(verify().log_faults, std::vector<std::string>{"behind seq 1 comes 3"});
  damage("DELETE FROM events WHERE seq = 3");
  EXPECT_EQ(verify().log_faults, std::vector<std::string>{"the log ends at seq 1, its team's row says 3"});
}

TEST_F(VerifyTest, ATeamsRowThatSaysAnotherEndIsNoticedAndHoldsNobodyUp) {
  damage("UPDATE teams SET head_seq = head_seq + 2");
  EXPECT_EQ(verify().log_faults, std::vector<std::string>{"the log ends at seq 3, its team's row says 5"});
  Board board(*store_);
  EXPECT_FALSE(board.catch_up(team_));
  EXPECT_FALSE(board.projects(team_, std::nullopt, 100));
  EXPECT_FALSE(board.rebuild(team_));
}

TEST_F(VerifyTest, ALogThatGoesOnBehindItsTeamsRowIsNoticed) {
  damage("UPDATE teams SET head_seq = 1");
  EXPECT_EQ(verify().log_faults,
            std::vector<std::string>{"the log has seq 2, its team's row says that it ends at 1"});
}

// A hub takes events faster than they are verified.
TEST_F(VerifyTest, WhatComesInMeanwhileIsForTheNextTime) {
  std::uint64_t more = 4;
  scratch_->on_commit([&](std::chrono::nanoseconds) {
    if (more < 50) append_to(team_, {logged({more++, "WPCreated", R"({"wp_id":"WP09"})"})});
  });
  const Verification found = verify();
  EXPECT_EQ(found.events, 3U);
  EXPECT_GT(more, 4U);
  EXPECT_TRUE(found.log_faults.empty() && found.board_faults.empty());
  scratch_->on_commit(nullptr);
  EXPECT_EQ(verify().events, more - 1);
}

TEST_F(VerifyTest, ItStopsBetweenEventsAndSoDoesARebuild) {
  std::stop_source stop;
  scratch_->on_commit([&](std::chrono::nanoseconds) { stop.request_stop(); });
  Board board(*store_, 2);
  const auto stopped = verify_team(*store_, board, *scratch_, team_, stop.get_token());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::interrupted);
  const auto rebuilt = board.rebuild(team_, stop.get_token());
  ASSERT_FALSE(rebuilt);
  EXPECT_EQ(rebuilt.error().kind, ErrorKind::interrupted);
  scratch_->on_commit(nullptr);
  EXPECT_TRUE(verify().board_faults.empty());
}

TEST_F(VerifyTest, ABoardThatTheLogDoesNotTellIsNoticedAndARebuildMendsIt) {
  verify();
  damage("UPDATE board_cards SET lane = 'done' WHERE wp_id = 'WP02'");
  EXPECT_EQ(verify().board_faults, std::vector<std::string>{"board_cards is not what the log says"});
  EXPECT_TRUE(verify().log_faults.empty());
  ASSERT_TRUE(Board(*store_).rebuild(team_));
  EXPECT_TRUE(verify().board_faults.empty());
}

}  // namespace
}  // namespace pawprint::hub::board
