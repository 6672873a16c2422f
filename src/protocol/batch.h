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
  // The number or truth value that was sent for event_id, as JSON; else empty, and in what read_verdicts()
  // reads.
  std::string odd_event_id = {};
};

std::string_view name_of(VerdictStatus status);

struct IngressLimits {
  std::uint64_t max_events_per_batch;
  std::uint64_t max_bytes_per_batch;
  std::uint64_t max_decompressed_bytes_per_batch;
  std::uint64_t max_bytes_per_event;
  std::uint64_t retry_after_min_seconds;
};
IngressLimits default_limits();

// {"events":[...]}, slices as they are
std::string write_batch(std::span<const std::string> events);

// {"results":[...]}; message and category are written for errors only
std::string write_verdicts(std::span<const Verdict> verdicts);

// Reads {"results":[...]}, in its order, and accepts "rejected" for "error". A result that is no object, or
// whose status is none of these words, is left out: the caller sees an incomplete answer, and the verdicts
// that are there still count. Kind `invalid` when the body is no such object.
Result<std::vector<Verdict>> read_verdicts(std::string_view body);

// {"max_events_per_batch":...}
std::string write_limits(const IngressLimits& limits);

// From a health, 413 or 429 answer. A limit that is not named there has its default; nullopt if there are no
// limits or one of them is not a positive integer.
std::optional<IngressLimits> read_limits(std::string_view body);

}  // namespace pawprint::protocol
