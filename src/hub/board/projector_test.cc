#include "hub/board/projector.h"

#include <gtest/gtest.h>

#include "hub/board/board_fixture.h"

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
