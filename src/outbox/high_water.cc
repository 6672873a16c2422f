#include "outbox/high_water.h"

#include <algorithm>

#include "outbox/carried_rows.h"
#include "outbox/schema.h"
#include "outbox/spill_file.h"
#include "protocol/limits.h"

namespace pawprint::outbox {
namespace {

constexpr std::uint64_t kMostReadBytes = 64U << 20;

std::uint64_t steps_since_2026(const Environment& environment) {
  constexpr std::uint64_t kFirst = protocol::lamport_ceiling(0);
  const std::uint64_t steps = protocol::lamport_ceiling(environment.clock->unix_ms() / 1000) - kFirst;
  return steps > 0 ? steps : kFirst;
}

// The WAL first: what leaves it meanwhile is in the database by then.
Result<std::uint64_t> high_water_of_queue(Disk& disk, const Path& home) {
  for (const std::string_view name : {kDatabase, kWal}) {
    PAW_TRY(there, disk.status(home / name));
    if (there && !there->is_file && name == kDatabase) return 0;  // and holds none
    if (there && !there->is_file) return fail(ErrorKind::io, "it cannot be read");
    if (there && there->size_bytes > kMostReadBytes) return fail(ErrorKind::io, "it is too large to be read");
  }
  PAW_TRY(wal, read_file(disk, home / kWal));
  PAW_TRY(database, read_file(disk, home / kDatabase));
  Carried carried = read_carried(database.value_or(""), wal.value_or(""));
  std::int64_t highest = carried.meta["high_water"];
  for (const auto& [event_id, row] : carried.rows) highest = std::max(highest, row.lamport);
  return static_cast<std::uint64_t>(highest);
}

}  // namespace

HighWater high_water_of_files(const Environment& environment, const Path& home) {
  const auto queued = high_water_of_queue(*environment.disk, home);
  const auto spilled = Spill(environment, home).highest();
  const std::uint64_t told = std::max(queued.value_or(0), spilled.value_or(0));
  if (queued && spilled) return {told, false};
  return {std::max(steps_since_2026(environment), told), true};
}

}  // namespace pawprint::outbox
