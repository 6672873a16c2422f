#include "outbox/clock.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/failpoint.h"
#include "base/file_lock.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "outbox/clock_file.h"
#include "protocol/limits.h"

namespace pawprint::outbox {
namespace {

constexpr std::string_view kLock = "clock.lock";

constexpr std::int64_t kLookMs = 1'000;

// What receive() and the ticks after it may add above the ceiling before the ceiling has risen past them. A
// file within it is believed: healing it would number events below what was seen already.
constexpr std::uint64_t kAboveCeiling = 1'000'000;

std::uint64_t highest_believable(std::int64_t unix_ms, std::uint64_t high_water) {
  return std::max(protocol::lamport_ceiling(unix_ms / 1000), high_water) + kAboveCeiling;
}

// nullopt: it is empty, which is as good as not there.
Result<std::optional<std::string>> content_of(File& file, std::uint64_t size_bytes) {
  if (size_bytes == 0) return std::nullopt;
  if (size_bytes != kClockFileBytes) return file.read_all();
  return file.read_at(0, kClockFileBytes);
}

// For who does not have the lock. What is no regular file holds none.
Result<std::uint64_t> taken_in(Disk& disk, const Path& lock) {
  PAW_TRY(status, disk.status(lock));
  if (!status || !status->is_file) return 0;
  PAW_TRY(content, read_file(disk, lock));
  return read_taken(content.value_or(""));
}

Result<std::optional<FileLock>> lock_clock(Disk& disk, LockFile& file, LockWait wait) {
  if (sabotaged("clock-without-lock")) return std::nullopt;
  PAW_TRY(lock, file.acquire(disk, wait));
  return std::optional(std::move(lock));
}

}  // namespace

LamportClock::LamportClock(const Environment& environment, const Path& home, std::string node_id,
                           LockWait wait)
    : environment_(environment),
      path_(home / "clock.json"),
      lock_(home / kLock),
      wait_(wait),
      node_id_(std::move(node_id)) {}

// As far as that can be: the file may be damaged, too.
HighWater LamportClock::at_least(std::uint64_t taken, HighWater high_water) const {
  const bool believable = taken <= highest_believable(environment_.clock->unix_ms(), high_water.value);
  if (believable && !sabotaged("taken-forgotten")) high_water.value = std::max(high_water.value, taken);
  return high_water;
}

std::optional<std::uint64_t> LamportClock::believed(const std::optional<std::string>& content,
                                                    std::uint64_t high_water) const {
  const std::optional<std::uint64_t> stored = content ? read_clock_file(*content) : std::nullopt;
  if (stored && *stored > highest_believable(environment_.clock->unix_ms(), high_water)) return std::nullopt;
  return stored;
}

std::uint64_t LamportClock::healed(const std::optional<std::string>& content, const HighWater& high_water,
                                   Warnings* warnings) const {
  const std::optional<std::uint64_t> stored = believed(content, high_water.value);
  const bool lost = !stored && (content || high_water.value > 0);
  if (lost && warnings != nullptr) {
    warnings->add(
        "clock-healed",
        fmt::format("{} was {}; the clock goes on from {}, {}", path_.string(),
                    content ? "damaged" : "missing", high_water.value,
                    high_water.by_time ? "which the time makes, as what is queued cannot be read either"
                                       : "which the home remembers"));
  }
  if (sabotaged("heal-to-zero")) return stored.value_or(0);
  return std::max(stored.value_or(0), high_water.value);
}

Result<bool> LamportClock::is_named(const FileStatus& opened) const {
  PAW_TRY(named, environment_.disk->status(path_));
  return named && named->inode == opened.inode && named->device == opened.device;
}

// Another program may have put another file in its place, by rename. The old one has no name then, unless a
// backup keeps it under another: to look costs a tenth of an emission, and is done once a second while no
// other name is known.
Result<std::uint64_t> LamportClock::open_current() {
  const std::int64_t now_ms = environment_.clock->monotonic_ms();
  if (file_) {
    const auto status = file_->status();
    had_other_names_ = had_other_names_ || (status && status->links > 1);
    bool current = status && status->links > 0;
    if (current && (had_other_names_ || now_ms - looked_ms_ >= kLookMs)) {
      PAW_TRY(named, is_named(*status));
      current = named;
      looked_ms_ = now_ms;
      written_.reset();
    }
    if (current) return status->size_bytes;
  }
  written_.reset();
  PAW_TRY(opened, environment_.disk->open(path_, OpenMode::create, 0600));
  file_ = std::move(opened);
  PAW_TRY(status, file_->status());
  had_other_names_ = status.links > 1;
  looked_ms_ = now_ms;
  return status.size_bytes;
}

// Whether the file holds what clock.lock does, without reading it: it is the one that we wrote less than a
// second ago, of the length that only we write, and a program of ours has had the last word since.
bool LamportClock::is_ours(std::uint64_t size_bytes, std::uint64_t taken, std::uint64_t high_water) const {
  return written_ && size_bytes == kClockFileBytes && taken >= *written_ &&
         taken <= highest_believable(environment_.clock->unix_ms(), high_water);
}

// In place, so that it is one system call; a torn write is healed from the high-water mark. nullopt: the file
// is lost, and the mark may not be all.
template <class Next>
Result<std::optional<std::uint64_t>> LamportClock::advance_from(const HighWater& high_water, bool is_all,
                                                                Warnings& warnings, Next next) {
  if (environment_.clock->monotonic_ms() - looked_ms_ >= kLookMs) lock_.look_anew();
  PAW_TRY(lock, lock_clock(*environment_.disk, lock_, wait_));
  PAW_TRY(size_bytes, open_current());
  PAW_TRY(noted, lock_.read(kTakenBytes));
  const std::uint64_t taken = read_taken(noted);
  std::uint64_t last = std::max(taken, high_water.value);
  if (!is_ours(size_bytes, taken, high_water.value)) {
    PAW_TRY(content, content_of(*file_, size_bytes));
    if (!is_all && !believed(content, high_water.value)) return std::nullopt;
    last = healed(content, at_least(taken, high_water), &warnings);
  }
  failpoint("clock-before-write");
  PAW_TRY(kept, lock_.write(write_taken(next(last))));
  PAW_TRY(written, file_->write_at(0, write_clock_file(next(last), node_id_, environment_.clock->unix_ms())));
  failpoint("clock-written");
  if (size_bytes > kClockFileBytes) {
    PAW_TRY(cut, file_->truncate(kClockFileBytes));
  }
  written_ = next(last);
  return last;
}

// What takes long is looked for without the lock: who takes a value meanwhile heals the file.
template <class Next>
Result<std::uint64_t> LamportClock::advance(const KnownHighWater& high_water, Warnings& warnings, Next next) {
  PAW_TRY(last, advance_from({high_water.value, false}, high_water.is_all, warnings, next));
  if (last) return *last;
  HighWater of_files = high_water_of_files(environment_, path_.parent_path());
  of_files.value = std::max(of_files.value, high_water.value);
  PAW_TRY(healed, advance_from(of_files, true, warnings, next));
  return *healed;
}

Result<std::uint64_t> LamportClock::tick(std::uint64_t count, const KnownHighWater& high_water,
                                         Warnings& warnings) {
  PAW_TRY(last, advance(high_water, warnings, [&](std::uint64_t value) { return value + count; }));
  return last + 1;
}

Result<void> LamportClock::receive(std::uint64_t remote, const KnownHighWater& high_water,
                                   Warnings& warnings) {
  const auto ceiling = protocol::lamport_ceiling(environment_.clock->unix_ms() / 1000);
  if (remote > ceiling) {
    warnings.add(
        "clock-out-of-range",
        fmt::format("a Lamport value of {} is above what any clock can have reached ({}); it is ignored",
                    remote, ceiling));
    return {};
  }
  PAW_TRY(last,
          advance(high_water, warnings, [&](std::uint64_t value) { return std::max(value, remote) + 1; }));
  return {};
}

Result<std::uint64_t> LamportClock::value(const KnownHighWater& high_water) const {
  std::optional<std::string> content;
  PAW_TRY(status, environment_.disk->status(path_));
  if (status) {
    PAW_TRY(file, environment_.disk->open(path_, OpenMode::read, 0600));
    PAW_TRY(read, content_of(*file, status->size_bytes));
    content = std::move(read);
  }
  if (high_water.is_all || believed(content, high_water.value)) {
    PAW_TRY(taken, taken_in(*environment_.disk, path_.parent_path() / kLock));
    return healed(content, at_least(taken, {high_water.value, false}), nullptr);
  }
  return std::max(high_water_of_files(environment_, path_.parent_path()).value, high_water.value);
}

}  // namespace pawprint::outbox
