// clock.json, the Lamport clock of a home (docs/state.md). The format, exactly 128 bytes:
//
//   {"value": 42, "node_id": "a1b2c3d4e5f6", "updated_at": "2026-02-03T12:00:00Z"}<spaces><newline>
//
// The file is rewritten in place, so its length never changes; the spaces make room for the longest value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pawprint::outbox {

inline constexpr std::size_t kClockFileBytes = 128;

std::string write_clock_file(std::uint64_t value, std::string_view node_id, std::int64_t unix_ms);

// The value, also of a file that another program wrote with other white space. nullopt: lost, torn, not JSON,
// or a value that is no integer in 0..2^63-1.
std::optional<std::uint64_t> read_clock_file(std::string_view content);

// What clock.lock holds: the last value that a process of ours took, 20 digits and a newline. It is written
// with clock.json, and stays where another program replaces that.
inline constexpr std::size_t kTakenBytes = 21;

std::string write_taken(std::uint64_t value);
// 0 for what has not exactly that form.
std::uint64_t read_taken(std::string_view content);

}  // namespace pawprint::outbox
