#include "hub/board/projector.h"

#include <gtest/gtest.h>

#include <mutex>

#include "hub/board/board_fixture.h"
#include "sqlite/connection.h"

namespace pawprint::hub::board {
namespace {

class ProjectorTest : public BoardFixture {
 protected:
  void append_moves(std::uint64_t first, std::uint64_t count) {
    std::vector<Said> moves;
    for (std::uint64_t i = first; i < first + count; ++i) {
      moves.push_back({.number = i,
                       .event_type = "WPStatusChanged",
                       .payload = payload_of_move("WP01", "planned", "in_progress"),
                       .lamport = i});
    }
    append(moves);
  }

  void wait_for_seq(std::uint64_t seq) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (store_->boards().position(team_)->seq < seq && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    EXPECT_EQ(store_->boards().position(team_)->seq, seq);
  }
};

TEST_F(ProjectorTest, WhatTheLogHasAtTheStartAndWhatComesLaterReachesTheBoardUnasked) {
  append_moves(1, 25);
  Board board(*store_, 10);
  Projector projector(board, {team_});
  wait_for_seq(25);
  append_moves(26, 15);
  projector.wake(team_);
  wait_for_seq(40);
}

TEST_F(ProjectorTest, ATeamThatIsNotThereHindersNoOther) {
  Board board(*store_);
  Projector projector(board, {"nobody"});
  append_moves(1, 1);
  projector.wake("nobody");
  projector.wake(team_);
  wait_for_seq(1);
}

TEST_F(ProjectorTest, WhyABoardGoesNoFurtherIsToldOnceUntilItDoes) {
  append_moves(1, 3);
  auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
  ASSERT_TRUE(other);
  other->busy_timeout_ms(5000);
  ASSERT_TRUE(other->execute("UPDATE events SET body = replace(body, 'WP01', 'WP02') WHERE seq = 2"));
  open_store();  // so that nothing of it is in memory
  Board board(*store_, 1);
  std::mutex mutex;
  std::vector<std::string> told;
  const auto lines = [&] {
    const std::lock_guard lock(mutex);
    return told;
  };
  Projector projector(board, {team_}, [&](const Error& error) {
    const std::lock_guard lock(mutex);
    told.push_back(error.message);
  });
  wait_for_seq(1);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (lines().empty() && std::chrono::steady_clock::now() < deadline) projector.wake(team_);
  ASSERT_EQ(lines().size(), 1U);
  EXPECT_TRUE(lines()[0].contains("at seq 2 is not what was stored")) << lines()[0];
  ASSERT_TRUE(other->execute("UPDATE events SET body = replace(body, 'WP02', 'WP01') WHERE seq = 2"));
  projector.wake(team_);
  wait_for_seq(3);
  EXPECT_EQ(lines().size(), 1U);
}

TEST_F(ProjectorTest, EndsInTheMiddleOfALongLog) {
  append_moves(1, 300);
  Board board(*store_, 1);
  {
    Projector projector(board, {team_});
  }
  EXPECT_LE(store_->boards().position(team_)->seq, 300U);
  ASSERT_TRUE(board.catch_up(team_));
  EXPECT_EQ(store_->boards().position(team_)->seq, 300U);
}

}  // namespace
}  // namespace pawprint::hub::board
