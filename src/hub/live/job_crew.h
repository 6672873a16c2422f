// Threads that do what blocks for the disk, first come, first served.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace pawprint::hub::live {

// Thread-safe. Who posts bounds how much: a socket has at most two jobs here.
class JobCrew {
 public:
  explicit JobCrew(unsigned threads);
  ~JobCrew() { stop(); }
  void post(std::function<void()> job);  // without effect after stop()
  void stop();                           // does what was posted, then ends the threads

 private:
  void work();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace pawprint::hub::live
