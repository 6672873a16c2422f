#include "outbox/clock.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/file_lock.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "outbox/clock_file.h"
#include "protocol/limits.h"

namespace pawprint::outbox {
namespace {

// The lock is held for microseconds; only a process stopped in the middle of a tick keeps it longer.
constexpr std::chrono::milliseconds kLockWait{250};

// What receive() and the ticks after it may add above the ceiling before the ceiling has risen past them. A
// file within it is believed: healing it would number events below what was seen already.
constexpr std::uint64_t kAboveCeiling = 1'000'000;

std::uint64_t highest_believable(std::int64_t unix_ms, std::uint64_t high_water) {
  return std::max(protocol::lamport_ceiling(unix_ms / 1000), high_water) + kAboveCeiling;
}

Result<std::optional<FileLock>> lock_clock(const Path& path) {
  if (sabotaged("clock-without-lock")) return std::nullopt;
  PAW_TRY(lock, FileLock::acquire(path, kLockWait));
  return std::optional(std::move(lock));
}

}  // namespace

LamportClock::LamportClock(const Environment& environment, const Path& home, std::string node_id)
    : environment_(environment),
      file_(home / "clock.json"),
      lock_(home / "clock.lock"),
      node_id_(std::move(node_id)) {}

Result<std::uint64_t> LamportClock::current(std::uint64_t high_water, Warnings* warnings) const {
  PAW_TRY(content, read_file(*environment_.disk, file_));
  std::optional<std::uint64_t> stored = content ? read_clock_file(*content) : std::nullopt;
  if (stored && *stored > highest_believable(environment_.clock->unix_ms(), high_water)) stored.reset();
  const bool lost = !stored && (content || high_water > 0);
  if (lost && warnings != nullptr) {
    warnings->add("clock-healed",
                  fmt::format("{} was {}; the clock goes on from {}, which the queue remembers",
                              file_.string(), content ? "damaged" : "missing", high_water));
  }
  return std::max(stored.value_or(0), high_water);
}

// In place, so that a tick costs two system calls; a torn write is healed from the high-water mark.
Result<void> LamportClock::write(std::uint64_t value) const {
  PAW_TRY(file, environment_.disk->open(file_, OpenMode::create, 0600));
  const std::string content = write_clock_file(value, node_id_, environment_.clock->unix_ms());
  PAW_TRY(written, file->write_at(0, content));
  PAW_TRY(status, file->status());
  if (status.size_bytes > content.size()) return file->truncate(content.size());
  return {};
}

Result<std::uint64_t> LamportClock::tick(std::uint64_t count, std::uint64_t high_water, Warnings& warnings) {
  PAW_TRY(lock, lock_clock(lock_));
  PAW_TRY(last, current(high_water, &warnings));
  PAW_TRY(written, write(last + count));
  return last + 1;
}

Result<void> LamportClock::receive(std::uint64_t remote, std::uint64_t high_water, Warnings& warnings) {
  const auto ceiling = protocol::lamport_ceiling(environment_.clock->unix_ms() / 1000);
  if (remote > ceiling) {
    warnings.add(
        "clock-out-of-range",
        fmt::format("a Lamport value of {} is above what any clock can have reached ({}); it is ignored",
                    remote, ceiling));
    return {};
  }
  PAW_TRY(lock, lock_clock(lock_));
  PAW_TRY(last, current(high_water, &warnings));
  return write(std::max(last, remote) + 1);
}

Result<std::uint64_t> LamportClock::value(std::uint64_t high_water) const {
  return current(high_water, nullptr);
}

}  // namespace pawprint::outbox
