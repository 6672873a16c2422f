// Keeps the boards up with the log in the background, so that their readers find nothing left to do.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "hub/board/board.h"

namespace pawprint::hub::board {

// Thread-safe. `board` outlives it. Teams get one chunk each in turn. What it cannot take in now, it tries
// again when the team is named again; who reads the board is told why.
class Projector {
 public:
  // Begins with `teams`, whose logs may be ahead of their boards.
  Projector(Board& board, std::vector<std::string> teams);
  ~Projector();  // waits for the step under way

  void wake(std::string_view team_id);  // the team's log has grown. Never blocks

 private:
  void run();

  Board& board_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::set<std::string> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pawprint::hub::board
