// Where the events of a process go: into the queue, and into the spill whenever the queue cannot take them.
// Which of the two is decided here and nowhere else.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/environment.h"
#include "outbox/clock.h"
#include "outbox/outbox.h"
#include "outbox/spill_file.h"
#include "pawprint/event.h"
#include "pawprint/warning.h"
#include "project/identity.h"

namespace pawprint::client {

// Not thread-safe. A queue that cannot be used stops nothing: one warning says why.
class EventStore {
 public:
  // The limit of the queue is read from pawprint.toml; a broken one is a warning.
  EventStore(const Environment& environment, const Path& home, std::string node_id, Warnings& warnings);

  // To be called before the other functions for each emission: opens the queue if it is not open, so that
  // one that could not be used is tried again, and looks at queue and spill. `link` is the active link of
  // the project (nullopt: there is none, or the queue cannot be read), `known_ids` those of `event_ids` that
  // the queue has; what cannot be asked now is noticed when the queue is written to, or the spill read.
  outbox::Outbox::Glance begin(const project::Identity& identity, std::span<const std::string> event_ids,
                               Warnings& warnings);

  // The first of `count` Lamport values. Never below what queue or spill hold. Errors of LamportClock.
  Result<std::uint64_t> tick(std::uint64_t count, Warnings& warnings);
  Result<void> observe(std::uint64_t lamport_clock, Warnings& warnings);

  // Stores all rows in one place and says in which. A class of rows that went to the spill goes on going
  // there until they have reached the queue, so that their order holds. Kind `not_stored` if neither takes
  // them.
  Result<Where> append(std::span<const outbox::NewRow> rows, const std::optional<outbox::Link>& link,
                       Durability durability, Warnings& warnings);

 private:
  void open_queue(Warnings& warnings);
  void look_at_spill();
  void give_up_queue(Error why, Warnings& warnings);
  void refill(Warnings& warnings);
  bool still_in_spill(std::int64_t link_id);
  bool append_to_queue(std::span<const outbox::NewRow> rows, const std::optional<outbox::Link>& link,
                       Durability durability, Warnings& warnings);

  const Environment& environment_;
  Path home_;
  std::uint64_t queue_limit_;
  outbox::LamportClock clock_;
  outbox::Spill spill_;
  std::optional<outbox::Outbox> queue_;
  std::optional<Error> trouble_;                      // why this emission does without the queue
  bool spilled_ = false;                              // there are lines in the spill
  std::uint64_t high_water_ = 0;                      // of queue and spill, when the emission began
  std::map<std::int64_t, std::string> last_spilled_;  // event id, by link
};

}  // namespace pawprint::client
