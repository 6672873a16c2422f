// How much a team may send: a bucket of events and one of bytes for each, filled at a steady rate.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock_source.h"

namespace pawprint::hub::ingest {

// Per team. The burst is what a machine that comes back with a full queue may send at once.
struct QuotaLimits {
  double events_per_second = 10'000;
  double burst_events = 1'000'000;
  double bytes_per_second = 10e6;  // inflated
  double burst_bytes = 1e9;
};

// Thread-safe. The clock outlives it.
class Quotas {
 public:
  Quotas(ClockSource& clock, const QuotaLimits& limits) : clock_(clock), limits_(limits) {}

  // nullopt: granted, and taken. Otherwise nothing was taken, and after so many seconds it would be granted
  // if nobody else of the team came first. What is more than a whole bucket needs a full one.
  std::optional<std::int64_t> take(std::string_view team_id, std::size_t events, std::size_t bytes);

 private:
  struct Buckets {
    double events, bytes;
    std::int64_t filled_at_ms;
  };
  Buckets& filled(std::string_view team_id);

  ClockSource& clock_;
  const QuotaLimits limits_;
  std::mutex mutex_;
  std::map<std::string, Buckets, std::less<>> teams_;
};

}  // namespace pawprint::hub::ingest
