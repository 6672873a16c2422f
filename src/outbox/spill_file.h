// The spill: where events go that the queue cannot take (docs/state.md). `spill/` in the home holds
//
//   events.jsonl     lines (spill_line.h), appended under spill.lock
//   refill-<n>       what was events.jsonl before; never written again, on its way into the queue (refill.h)
//   rejected.jsonl   lines that could not be read, kept
//
// Whoever appends opens events.jsonl by its name after locking, since it is renamed only under the lock.
// Nothing is synced under the lock: processes that append at once sync at once, and one waits for no other's
// sync.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "base/file_lock.h"
#include "base/held_directory.h"
#include "outbox/row.h"
#include "outbox/spill_line.h"
#include "pawprint/event.h"

namespace pawprint::outbox {

// Not thread-safe. `wait` is for spill.lock. Errors: `busy` if another process held it for longer, `io`.
class Spill {
 public:
  Spill(const Environment& environment, const Path& home, LockWait wait = kLockWait);

  // All rows or none: what cannot be written whole is cut back, what cannot be synced is blanked. With
  // Durability::power they survive a power cut once this returns; a refill may have taken them up by then.
  Result<void> append(std::span<const NewRow> rows, const std::optional<LinkMark>& link,
                      Durability durability);

  struct Files {
    std::vector<std::uint64_t> refills;  // the <n> of each, oldest first
    bool events = false;                 // events.jsonl has lines, newer than all of those
    bool empty() const { return refills.empty() && !events; }
  };
  // One look at a directory that in ordinary times is not there.
  Result<Files> files() const;
  // The highest Lamport value that a waiting line carries.
  Result<std::uint64_t> highest() const;
  // The files of waiting lines, oldest first. They stay readable whatever a refill does.
  struct WaitingFile {
    std::uint64_t number = 0;  // of a refill-<n>; that of events.jsonl is above all
    std::unique_ptr<File> file;
  };
  using Waiting = std::vector<WaitingFile>;
  Result<Waiting> open_waiting() const;
  // Gives the lines of rejected.jsonl until `take` returns false.
  Result<void> visit_rejected(const std::function<bool(std::string_view)>& take) const;

  // events.jsonl becomes refill-<number>. There must be no such file yet.
  Result<void> take_over(std::uint64_t number);
  // Appends to rejected.jsonl, durably. Again for the same line after a crash.
  Result<void> keep_rejected(std::string_view line);

  const Path& directory() const { return directory_; }
  Path events_file() const { return directory_ / "events.jsonl"; }
  Path refill_file(std::uint64_t number) const;

 private:
  struct Lines {  // bytes of a file that were written
    std::unique_ptr<File> file;
    std::uint64_t offset = 0;
    std::size_t bytes = 0;
  };
  Result<FileLock> lock() const;
  Result<Lines> write(std::span<const NewRow> rows, const std::optional<LinkMark>& link);
  Result<bool> blank(const Lines& lines);

  Disk& disk_;
  mutable HeldDirectory home_;
  Path directory_;
  LockWait wait_;
};

// Gives the lines from `position` of refill-<number> on, and those of all later files, oldest first, until
// `take` returns false. They may be torn.
Result<void> visit_waiting(const Spill::Waiting& waiting, std::uint64_t number, std::uint64_t position,
                           const std::function<bool(std::string_view)>& take);

}  // namespace pawprint::outbox
