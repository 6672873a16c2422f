// A hub that came back from a backup may have lost what it had (docs/state.md, `meta`).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pawprint::outbox {

// What becomes of the events that a link has delivered to it.
struct Restored {
  std::uint64_t again = 0;     // pending once more
  std::uint64_t not_kept = 0;  // no longer kept here, so that the hub has them only if its backup does
  std::optional<std::int64_t> not_kept_until_ms;  // when the last of those was delivered
};

// So long, `sent` rows are kept.
inline constexpr std::int64_t kKeepSentMs = 72LL * 60 * 60 * 1000;

// Why they are pending.
inline constexpr std::string_view kSentAgain = "the hub came back from a backup";

}  // namespace pawprint::outbox
