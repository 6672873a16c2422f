// Keeps the boards up with the log in the background, so that their readers find nothing left to do.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "hub/board/board.h"

namespace pawprint::hub::board {

// Thread-safe. `board` outlives it. Teams get one chunk each in turn. What it cannot take in now, it tries
// again when the team is named again.
class Projector {
 public:
  using Failed = std::function<void(const Error&)>;

  // Begins with `teams`, whose logs may be ahead of their boards. `failed` is told why a board goes no
  // further, on a thread of ours: once, until it does or until there is another reason.
  Projector(Board& board, std::vector<std::string> teams, Failed failed = {});
  ~Projector();  // waits for the step under way

  void wake(std::string_view team_id);  // the team's log has grown. Never blocks

 private:
  void run();
  void tell(const std::string& team_id, const Result<bool>& advanced);

  Board& board_;
  Failed failed_;
  std::map<std::string, std::string> told_;  // by team; of the thread below alone
  std::mutex mutex_;
  std::condition_variable woken_;
  std::set<std::string> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pawprint::hub::board
