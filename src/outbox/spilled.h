// The spill where there is no queue that could be asked, because it is not there or damaged.
#pragma once

#include <cstdint>
#include <vector>

#include "base/environment.h"
#include "outbox/listing.h"

namespace pawprint::outbox {

struct SpillContent {
  std::vector<QueuedRow> rows;   // without destination: only the queue knows what a link leads to
  std::uint64_t unreadable = 0;  // lines that are torn or not ours
};

// All that waits in the spill, oldest first; some of it the queue may have taken already. Reads only.
Result<SpillContent> read_spill(const Environment& environment, const Path& home);

// How many lines wait, at most.
struct SpillCount {
  std::uint64_t waiting = 0;
  std::uint64_t rejected = 0;  // could not be read and were set aside
};
Result<SpillCount> count_spill(const Environment& environment, const Path& home);

}  // namespace pawprint::outbox
