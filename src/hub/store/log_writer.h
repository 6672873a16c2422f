// The thread that appends to the log. What was handed in while it was committing goes into its next commit
// together, so that under load many share one synchronous write, and alone nobody waits for others.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hub/store/log.h"

namespace pawprint::hub::store {

// Thread-safe. `database` and `tail` outlive it. Of what waits, each team gets one submission into a commit
// in its turn, so that the flood of one holds nobody else back.
class LogWriter {
 public:
  struct Limits {  // of one commit; a submission is never divided, so one alone may have more
    std::size_t max_events = 2000;
    std::uint64_t max_bytes = 8U << 20;
  };

  LogWriter(Database& database, LogTail& tail, Limits limits);
  ~LogWriter();  // writes first what was handed in

  void submit(std::string team_id, std::vector<NewEvent> events, Log::Done done);
  void on_growth(Log::Grown grown);

 private:
  struct Submission {
    std::string team_id;
    std::vector<NewEvent> events;
    Log::Done done;
    Result<Appended> appended = {};
  };
  using Group = std::vector<Submission>;

  void run();
  Group take_group();
  // Commits. The teams that have new events; an error is for everybody in the group.
  static Result<std::vector<std::string>> append(Write write, std::int64_t now_ms, Group& group);
  void keep(Group& group, std::int64_t now_ms);
  static void tell(Group& group);

  Database& database_;
  LogTail& tail_;
  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable handed_in_;
  std::map<std::string, std::deque<Submission>> waiting_;  // no queue is empty
  std::string last_team_;                                  // that had its turn
  bool stopping_ = false;
  std::mutex growth_mutex_;
  Log::Grown grown_;
  std::thread thread_;
};

}  // namespace pawprint::hub::store
