// How much time a machine that is busy with other things takes from a process that could run.
#pragma once

#include <chrono>
#include <thread>

namespace pawprint::testing {

// Measured by a thread that sleeps and wakes up, as processes do that wait for a disk or for a lock.
class CpuWait {
 public:
  CpuWait();
  // Ends it. The most that was taken within as long as an emission waits for the queue.
  std::chrono::milliseconds worst();
  // Whether that was so much that nobody's turn need have come in time.
  bool starved() { return worst() >= kStarved; }

 private:
  static constexpr std::chrono::milliseconds kStarved{30};
  void watch(const std::stop_token& end);

  std::chrono::microseconds worst_{0};
  std::jthread thread_;
};

}  // namespace pawprint::testing
