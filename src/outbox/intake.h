// Rows on their way into the queue: how many its classes still take, and the counters that change with them.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>

#include "outbox/counters.h"
#include "outbox/row.h"

namespace pawprint::outbox {

inline constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// Rows that each class still takes, by link.
using Rooms = std::map<std::int64_t, std::uint64_t>;

// One transaction's worth. `queue_limit` is the number of pending rows that a link may have; those without a
// link are one class together.
class Intake {
 public:
  Intake(Database& database, std::uint64_t queue_limit, std::int64_t now_ms)
      : database_(database), queue_limit_(queue_limit), now_ms_(now_ms) {}
  // `rooms`: what another Intake with the same limit left, with nothing changed since.
  Intake(Database& database, std::uint64_t queue_limit, std::int64_t now_ms, Rooms rooms)
      : database_(database), queue_limit_(queue_limit), now_ms_(now_ms), room_(std::move(rooms)) {}

  // known: the queue has a row with this id (see has_row). One that was given up makes place for it.
  enum class Outcome { taken, known, no_room };
  Result<Outcome> take(const NewRow& row);
  // Whether all of them would be taken.
  Result<bool> room_for(std::span<const NewRow> rows);
  // Writes counters and high-water mark. To be called once, before the commit.
  Result<void> finish();
  Rooms take_rooms() { return std::move(room_); }
  std::uint64_t highest() const { return highest_; }  // Lamport value of the rows taken

 private:
  Result<bool> insert(const NewRow& row);  // false: there is a row with its id
  // Rows that the class still takes; stays valid.
  Result<std::uint64_t*> room_of(std::optional<std::int64_t> link_id);

  Database& database_;
  std::uint64_t queue_limit_;
  std::int64_t now_ms_;
  Rooms room_;
  CounterChanges changes_;
  std::uint64_t highest_ = 0;
};

// Whether the queue has a row with this id, in whatever state but discarded or dropped.
Result<bool> has_row(Database& database, std::string_view event_id);

}  // namespace pawprint::outbox
