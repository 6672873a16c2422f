// Batch frames (docs/protocol.md, batch ingest): request body, verdicts, advertised limits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawprint::protocol {

enum class VerdictStatus { success, duplicate, error };

struct Verdict {
  std::optional<std::string> event_id;  // exactly as it was sent; nullopt where there was none
  VerdictStatus status = VerdictStatus::error;
  std::string error_message;   // names the JSON path and the reason; empty unless error
  std::string error_category;  // categories.def
};

struct IngressLimits {
  std::uint64_t max_events_per_batch;
  std::uint64_t max_bytes_per_batch;
  std::uint64_t max_decompressed_bytes_per_batch;
  std::uint64_t max_bytes_per_event;
  std::uint64_t retry_after_min_seconds;
};
IngressLimits default_limits();

std::string write_batch(std::span<const std::string> events);                // {"events":[...]}, slices as they are
std::string write_verdicts(std::span<const Verdict> verdicts);               // {"results":[...]}
Result<std::vector<Verdict>> read_verdicts(std::string_view body);           // accepts "rejected" for "error"
std::string write_limits(const IngressLimits& limits);                       // {"max_events_per_batch":...}
std::optional<IngressLimits> read_limits(std::string_view body);             // from a health, 413 or 429 answer

}  // namespace pawprint::protocol
