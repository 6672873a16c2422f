#include "outbox/outbox.h"

#include "base/failpoint.h"
#include "base/file_lock.h"
#include "base/format.h"
#include "outbox/schema.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kRefilledInPassing = 64;

}  // namespace

Result<Appended> Outbox::append(std::span<const NewRow> rows, Durability durability,
                                std::uint64_t queue_limit) {
  if (rows.empty()) return Appended::stored;
  bool room = true;
  const auto write = [&]() -> Result<void> {
    Intake intake(database_, queue_limit, environment_->clock->unix_ms());
    PAW_TRY(enough, intake.room_for(rows));
    room = enough;
    if (!room) return {};
    failpoint("emit-before-insert");
    for (const NewRow& row : rows) {
      PAW_TRY(outcome, intake.take(row));
      if (outcome == Intake::Outcome::taken) continue;
      return fail(ErrorKind::failed,
                  fmt::format("cannot queue event {}: the queue has it already", row.event_id),
                  "pawprint sync status");
    }
    PAW_TRY(finished, intake.finish());
    failpoint("emit-inserted");
    return {};
  };
  PAW_TRY(written, mending([&] { return database_.write(durability, write); }));
  failpoint("emit-committed");
  return room ? Appended::stored : Appended::full;
}

Result<RefillCount> Outbox::refill_some(std::uint64_t queue_limit) {
  Spill spill(*environment_, database_.home());
  return Refill(*environment_, database_, spill, queue_limit).oldest(kRefilledInPassing);
}

Result<RefillCount> Outbox::refill(std::uint64_t queue_limit) {
  Spill spill(*environment_, database_.home());
  return Refill(*environment_, database_, spill, queue_limit).everything();
}

}  // namespace pawprint::outbox
