#include "outbox/outbox.h"

#include <algorithm>

#include "base/failpoint.h"
#include "base/file_lock.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "outbox/schema.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kRefilledInPassing = 64;

Result<void> take_all(Intake& intake, std::span<const NewRow> rows) {
  for (const NewRow& row : rows) {
    PAW_TRY(outcome, intake.take(row));
    if (outcome == Intake::Outcome::taken) continue;
    return fail(ErrorKind::failed,
                fmt::format("cannot queue event {}: the queue has it already", row.event_id),
                "pawprint sync status");
  }
  return {};
}

}  // namespace

Result<Appended> Outbox::append(std::span<const NewRow> rows, Durability durability,
                                std::uint64_t queue_limit) {
  if (rows.empty()) return Appended::stored;
  return append(
      {}, [&](const Glance&) -> Result<std::span<const NewRow>> { return rows; }, durability, queue_limit);
}

Result<Appended> Outbox::append(const Question& question, const MakeRows& make, Durability durability,
                                std::uint64_t queue_limit) {
  bool room = true;
  bool told = false;
  std::optional<Left> left;
  const auto write = [&]() -> Result<void> {
    PAW_TRY(found, find_left(queue_limit));
    PAW_TRY(glance, look(question, found.values));
    PAW_TRY(rows, make(glance));
    Intake intake(database_, queue_limit, environment_->clock->unix_ms(), std::move(found.rooms));
    PAW_TRY(enough, intake.room_for(rows));
    room = enough;
    if (!room) return {};
    failpoint("emit-before-insert");
    PAW_TRY(taken, take_all(intake, rows));
    PAW_TRY(finished, intake.finish());
    if (glance.linked_elsewhere) {
      PAW_TRY(noted, note_told(question.repo_instance));
    }
    told = glance.linked_elsewhere;
    failpoint("emit-inserted");
    found.rooms = intake.take_rooms();
    found.values.high_water = std::max(found.values.high_water, intake.highest());
    left = std::move(found);
    return {};
  };
  const bool apart = durability == Durability::power && database_.has_wal() && !sabotaged("sync-under-lock");
  const Durability commits = apart ? Durability::process : durability;
  PAW_TRY(written, mending([&] { return database_.write(commits, write); }));
  if (told) known_link_.linked_elsewhere = false;
  failpoint("emit-committed");
  if (apart && left) {
    PAW_TRY(synced, database_.sync_wal());
  }
  left_ = std::move(left);
  if (left_) left_->version = database_.version();
  return room ? Appended::stored : Appended::full;
}

Result<RefillCount> Outbox::refill_some(std::uint64_t queue_limit) {
  Spill spill(*environment_, database_.home(), std::chrono::milliseconds(0));
  return Refill(*environment_, database_, spill, queue_limit).oldest(kRefilledInPassing);
}

Result<RefillCount> Outbox::refill(std::uint64_t queue_limit) {
  Spill spill(*environment_, database_.home());
  return Refill(*environment_, database_, spill, queue_limit).everything();
}

}  // namespace pawprint::outbox
