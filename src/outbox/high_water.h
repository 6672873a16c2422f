// What the clock goes on from where clock.json is lost and the queue or the spill cannot be asked.
#pragma once

#include <cstdint>

#include "base/environment.h"

namespace pawprint::outbox {

struct HighWater {
  std::uint64_t value = 0;  // no event of this home carries a higher one
  bool by_time = false;  // the files do not tell: it is what a million steps a second since 2026 make, which
                         // is below the ceiling, and above all that a home has given out before
};

// Reads the queue page by page, without SQLite and any lock: a foreign program may hold it, or its format be
// newer.
HighWater high_water_of_files(const Environment& environment, const Path& home);

}  // namespace pawprint::outbox
