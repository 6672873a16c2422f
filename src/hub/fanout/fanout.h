// "The log of team T has grown": hints that wake those who read the log. How far it goes is for the log alone
// to say. A hint may be lost or come late, and several may become one; whoever reads by them also looks by
// itself from time to time.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pawprint::hub::fanout {

// One reader's end. wait() is for one thread at a time, wake() for any.
class Listener {
 public:
  virtual ~Listener() = default;
  // The teams whose logs grew since the last call, each once; none after `longest`, or after wake().
  virtual std::vector<std::string> wait(std::chrono::milliseconds longest) = 0;
  virtual void wake() = 0;
};

// Thread-safe. Outlives its listeners.
class Fanout {
 public:
  virtual ~Fanout() = default;
  // After the commit. Never waits for a listener.
  virtual void grown(std::string_view team_id) = 0;
  virtual std::unique_ptr<Listener> listen() = 0;  // hears what is told from now on
};

// For one process that holds the whole log.
std::unique_ptr<Fanout> make_local_fanout();

}  // namespace pawprint::hub::fanout
