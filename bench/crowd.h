// Several processes doing the same thing at the same time, and how long each single call took.
#pragma once

#include <functional>
#include <vector>

namespace pawprint::bench {

// Made in each process after the fork, so that nothing is shared but the disk.
using Operation = std::function<void()>;
using Maker = std::function<Operation(int process)>;

// Starts `processes` processes that wait for each other and then call their operation `calls` times. The
// duration of every call, in microseconds, in no order. Aborts if a process fails.
std::vector<double> crowd_durations(int processes, int calls, const Maker& make);

// q in [0, 1]; `durations` is sorted by the call.
double quantile(std::vector<double>& durations, double q);

}  // namespace pawprint::bench
