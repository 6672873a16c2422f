// Who stands against whom in a forest of status changes (hub/board/fold.h says what a conflict is).
#pragma once

#include "hub/board/forest.h"

namespace pawprint::hub::board {

struct Opponents {
  Index winner = kNone;  // kNone: there is no open conflict
  Index loser = kNone;
};

// The latest conflict that is open: of the latest winner, its latest loser. O(n log n).
Opponents latest_conflict(const Forest& forest);

// By lane: the latest loser against a successor of the last node that would leave the lane and decide
// nothing; kNone where there is none. `forest` is not empty. O(n log n).
std::array<Index, kLaneCount> losers_to_come(const Forest& forest);

}  // namespace pawprint::hub::board
