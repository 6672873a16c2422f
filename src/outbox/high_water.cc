#include "outbox/high_water.h"

#include <algorithm>

#include "outbox/carried_rows.h"
#include "outbox/schema.h"
#include "outbox/spill_file.h"
#include "protocol/limits.h"

namespace pawprint::outbox {
namespace {

// The WAL first: what leaves it meanwhile is in the database by then.
Result<std::uint64_t> high_water_of_queue(Disk& disk, const Path& home) {
  PAW_TRY(there, disk.status(home / kDatabase));
  if (there && !there->is_file) return 0;
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
  if (queued && spilled) return {std::max(*queued, *spilled), false};
  return {protocol::lamport_ceiling(environment.clock->unix_ms() / 1000) - protocol::lamport_ceiling(0),
          true};
}

}  // namespace pawprint::outbox
