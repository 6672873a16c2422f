// Batches, and what a real hub takes to have them.
#pragma once

#include <string>
#include <vector>

#include "running_hub.h"

namespace pawprint::bench {

inline constexpr std::size_t kEventsPerBatch = 1000;

struct Batches {
  std::vector<std::vector<std::string>> of_machine;  // gzip, each machine's in its order
  std::size_t count = 0;
  double bytes_per_event = 0;
};

// Status changes of many work packages, each following the one before it; ids in the order of time. Each
// machine has work packages of its own.
Batches make_batches(std::size_t count, std::size_t machines);

struct Cost {
  double cpu_us_per_event = 0;
  double events_per_second = 0;
};

// Sends the batches, each machine's from a thread of its own and in order, to a hub over a new data
// directory, and waits until its board has them all. The CPU is that of the hub's process alone, its start
// and end included; the time that of sending and of waiting for the board. Ends the program on any failure.
Cost load_hub(const Path& directory, const Batches& batches, Over over = Over::http);

}  // namespace pawprint::bench
