// What the clock is held against, and what it goes on from where it is lost.
#pragma once

#include <cstdint>

#include "base/environment.h"

namespace pawprint::outbox {

// The highest value that an event of this home carries, as far as queue and spill could be asked.
struct KnownHighWater {
  KnownHighWater(std::uint64_t carried, bool asked_both = true) : value(carried), is_all(asked_both) {}

  std::uint64_t value;
  bool is_all;  // both could be asked
};

struct HighWater {
  std::uint64_t value = 0;  // no event of this home carries a higher one
  bool by_time = false;     // the files do not tell all: it is what a million steps a second since 2026 make,
                            // unless what they tell is higher. That is below the ceiling, and above all that
                            // a home has given out of itself.
};

// Where clock.json is lost and the queue or the spill cannot be asked. Reads the queue page by page, without
// SQLite and any lock: a foreign program may hold it, or its format be newer. One of more than 64 MiB, which
// an emission cannot wait for, is not read.
HighWater high_water_of_files(const Environment& environment, const Path& home);

}  // namespace pawprint::outbox
