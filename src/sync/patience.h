// For writes of the outbox that are worth waiting for a busy lock.
#pragma once

#include "pawprint/error.h"

namespace pawprint::sync {

// Each attempt waits for the lock itself. `write` returns a Result.
template <class Write>
auto patiently(Write write) {
  constexpr int kMaxAttempts = 20;
  auto written = write();
  for (int attempt = 1; attempt < kMaxAttempts; ++attempt) {
    if (written || written.error().kind != ErrorKind::busy) break;
    written = write();
  }
  return written;
}

}  // namespace pawprint::sync
