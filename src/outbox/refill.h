// From the spill back into the queue. A file of lines is renamed to refill-<n>; its lines enter the queue in
// transactions that also move a cursor in `meta`, and it is removed after the commit. The cursor says:
// everything before its line is dealt with, so after a crash the rest follows and nothing enters twice; an id
// that the queue has is passed over.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "outbox/database.h"
#include "outbox/intake.h"
#include "outbox/spill_file.h"
#include "pawprint/warning.h"

namespace pawprint::outbox {

struct RefillCount {
  std::uint64_t queued = 0;
  std::uint64_t rejected = 0;               // torn or foreign lines, kept in rejected.jsonl
  std::set<std::string> rejected_ids = {};  // of the events of some of them
  std::uint64_t unlinked = 0;  // of those queued: their link is not one of this database, so they have none
};

// Says what was not as it should be.
void report(const RefillCount& count, const Path& home, Warnings& warnings);

struct RefillCursor {
  std::uint64_t number = 1;
  std::uint64_t position = 0;  // in refill-<number>; older files are done
  auto operator<=>(const RefillCursor&) const = default;
};
Result<RefillCursor> refill_cursor(Database& database);

// Rows of one class enter in the order of their lines. Power-durable, since a line is removed for it. Errors:
// those of the database and of the spill; what was committed before stays.
class Refill {
 public:
  Refill(const Environment& environment, Database& database, Spill& spill, std::uint64_t queue_limit)
      : environment_(environment), database_(database), spill_(spill), queue_limit_(queue_limit) {}

  // What an emitter does in passing: the oldest lines, at most `max_lines`, up to the first one whose class
  // is full. Kind `busy` at once if another process has home.lock.
  Result<RefillCount> oldest(std::size_t max_lines);
  // All lines whose class has room; the others are written to a new refill-<n>. Does nothing if another
  // process is at it.
  Result<RefillCount> everything();

 private:
  Result<NewRow> row_of(SpillLine line);
  Result<bool> take_line(Intake& intake, std::string_view text);  // false: it has to wait
  Result<void> take_lines(std::size_t max_lines, bool pass_over_waiting);
  Result<bool> oldest_fits();
  Result<bool> find_oldest();
  Result<std::vector<std::uint64_t>> take_over_all();
  Result<void> take_file(std::uint64_t number);
  Result<void> copy_waiting(const std::vector<std::uint64_t>& numbers, File& to);
  Result<void> rewrite_waiting(const std::vector<std::uint64_t>& numbers);
  Result<void> remove_done();

  const Environment& environment_;
  Database& database_;
  Spill& spill_;
  std::uint64_t queue_limit_;
  RefillCount count_;
  RefillCursor at_;                      // where reading goes on
  std::optional<RefillCursor> waiting_;  // the first line that has to wait
  bool taken_behind_waiting_ = false;
  bool lost_link_ = false;       // of the line just read
  std::set<std::int64_t> full_;  // links that had no room: their later lines wait, too
};

}  // namespace pawprint::outbox
