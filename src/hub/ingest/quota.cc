#include "hub/ingest/quota.h"

#include <algorithm>
#include <cmath>

#include "base/sabotage.h"

namespace pawprint::hub::ingest {
namespace {

double seconds_until(double wanted, double there, double burst, double per_second) {
  return std::max(0.0, (std::min(wanted, burst) - there) / per_second);
}

}  // namespace

Quotas::Buckets& Quotas::filled(std::string_view team_id) {
  const std::int64_t now_ms = sabotaged("quota-by-wall-clock") ? clock_.unix_ms() : clock_.monotonic_ms();
  const auto known = teams_.find(team_id);
  if (known == teams_.end()) {
    return teams_.emplace(team_id, Buckets{limits_.burst_events, limits_.burst_bytes, now_ms}).first->second;
  }
  Buckets& buckets = known->second;
  const double seconds = static_cast<double>(now_ms - buckets.filled_at_ms) / 1000;
  buckets.events = std::min(limits_.burst_events, buckets.events + seconds * limits_.events_per_second);
  buckets.bytes = std::min(limits_.burst_bytes, buckets.bytes + seconds * limits_.bytes_per_second);
  buckets.filled_at_ms = now_ms;
  return buckets;
}

std::optional<std::int64_t> Quotas::take(std::string_view team_id, std::size_t events, std::size_t bytes) {
  const auto wanted_events = static_cast<double>(events);
  const auto wanted_bytes = static_cast<double>(bytes);
  const std::lock_guard lock(mutex_);
  Buckets& buckets = filled(sabotaged("quota-shared") ? "" : team_id);
  const double wait =
      std::max(seconds_until(wanted_events, buckets.events, limits_.burst_events, limits_.events_per_second),
               seconds_until(wanted_bytes, buckets.bytes, limits_.burst_bytes, limits_.bytes_per_second));
  if (wait > 0) return static_cast<std::int64_t>(std::ceil(wait));
  buckets.events -= wanted_events;
  buckets.bytes -= wanted_bytes;
  return std::nullopt;
}

}  // namespace pawprint::hub::ingest
