// Whether what the hub keeps of a team is whole: log and board against each other and against themselves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/board/board.h"

namespace pawprint::hub::board {

struct Verification {
  std::uint64_t events = 0;
  std::vector<std::string> log_faults;    // at most ten; a backup is the remedy
  std::vector<std::string> board_faults;  // a rebuild is the remedy
};

// Reads the whole log: seq has no gap and ends where the team's row says, every body has the hash that stands
// beside it, and folding it into `scratch`, a store without events, gives the board that is there. Others may
// go on writing to `store`; `board` is the only one over it. Blocks for as long as reading and folding takes.
// Stopped: kind `interrupted`.
Result<Verification> verify_team(store::Store& store, Board& board, store::Store& scratch,
                                 std::string_view team_id, const std::stop_token& stop = {});

}  // namespace pawprint::hub::board
