// The Lamport clock of a home: one value, shared by every process of this machine through clock.json.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/environment.h"
#include "base/lock_file.h"
#include "outbox/high_water.h"
#include "pawprint/warning.h"

namespace pawprint::outbox {

// `high_water` is what events of this home are known to carry; the clock never goes on from below it, so a
// lost or damaged file is healed from it. Where the queue or the spill could not be asked, a file that is
// lost has them looked into (high_water_of_files). Nor does it go on from below what was taken before: an
// older program, which knows no lock, may put an older file in the place of clock.json, when the events that
// took the values are not yet stored where the next one looks. clock.lock is held for one read and one write
// of either file, and waited for as `wait` says: only a process stopped in the middle of a tick keeps it for
// longer. Not thread-safe.
class LamportClock {
 public:
  LamportClock(const Environment& environment, const Path& home, std::string node_id,
               LockWait wait = kLockWait);

  // Takes `count` consecutive values, returns the first. Local ticks are never refused. Kind `io` if
  // clock.json can be neither read nor written, `busy` if another process held clock.lock for too long.
  Result<std::uint64_t> tick(std::uint64_t count, const KnownHighWater& high_water, Warnings& warnings);

  // max(value, remote) + 1, for a value seen in somebody else's work. Above the ceiling: ignored, with a
  // warning.
  Result<void> receive(std::uint64_t remote, const KnownHighWater& high_water, Warnings& warnings);

  // The value to go on from; writes nothing.
  Result<std::uint64_t> value(const KnownHighWater& high_water) const;

 private:
  HighWater at_least(std::uint64_t taken, HighWater high_water) const;
  std::optional<std::uint64_t> believed(const std::optional<std::string>& content,
                                        std::uint64_t high_water) const;
  std::uint64_t healed(const std::optional<std::string>& content, const HighWater& high_water,
                       Warnings* warnings) const;
  Result<std::uint64_t> open_current();  // its size
  bool is_ours(std::uint64_t size_bytes, std::uint64_t taken, std::uint64_t high_water) const;
  Result<bool> is_named(const FileStatus& opened) const;
  template <class Next>
  Result<std::uint64_t> advance(const KnownHighWater& high_water, Warnings& warnings, Next next);
  template <class Next>
  Result<std::optional<std::uint64_t>> advance_from(const HighWater& high_water, bool is_all,
                                                    Warnings& warnings, Next next);

  const Environment& environment_;
  Path path_;
  std::unique_ptr<File> file_;            // open between two ticks
  bool had_other_names_ = false;          // it may be kept under one of these, and be the clock no longer
  std::int64_t looked_ms_ = 0;            // when it was last seen to have the name (monotonic)
  std::optional<std::uint64_t> written_;  // since it was last seen to have the name
  LockFile lock_;
  LockWait wait_;
  std::string node_id_;
};

}  // namespace pawprint::outbox
