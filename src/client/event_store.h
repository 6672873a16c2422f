// Where the events of a process go: into the queue, and into the spill whenever the queue cannot take them.
// Which of the two is decided here and nowhere else.
#pragma once

#include <cstdint>
#include <functional>
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
#include "settings/settings.h"

namespace pawprint::client {

struct Stored {
  Where where = Where::queue;
  Durability durable_to = Durability::power;
};

// Not thread-safe. A queue that cannot be used stops nothing: one warning says why. One call waits for other
// processes of ours for at most kLockWait, whatever they hold.
class EventStore {
 public:
  // Reads pawprint.toml; a broken one is a warning.
  EventStore(const Environment& environment, const Path& home, std::string node_id, Warnings& warnings);
  EventStore(const EventStore&) = delete;  // its parts have its budget
  EventStore& operator=(const EventStore&) = delete;

  // Makes the rows of an emission from what queue and spill say, and stores all of them in one place. `make`
  // is called once; its error is returned. If the queue cannot be read, the glance has neither link nor known
  // ids; what cannot be asked now is noticed when the spill is read. A class of rows that went to the spill
  // goes on going there until they have reached the queue, so that their order holds. No rows: nothing to
  // store. Without a durability, that of pawprint.toml. Kind `not_stored` if neither takes them.
  using Make = std::function<Result<std::vector<outbox::NewRow>>(const outbox::Outbox::Glance&)>;
  Result<Stored> store(const project::Identity& identity, std::span<const std::string> event_ids,
                       const Make& make, std::optional<Durability> durability, Warnings& warnings);

  // The first of `count` Lamport values above all that events here carry. Where clock.json cannot be used,
  // that mark alone decides, with a warning, for rows that the queue takes. Called by `make`. Errors of
  // LamportClock, as `not_stored`.
  Result<std::uint64_t> tick(std::uint64_t count, Warnings& warnings);
  Result<void> observe(std::uint64_t lamport_clock, Warnings& warnings);

 private:
  // One emission on its way.
  struct Emission {
    outbox::Outbox::Question question;
    const Make& make;
    Durability durability;
    Warnings& warnings;
    std::optional<std::vector<outbox::NewRow>> rows = {};  // once they are made
    std::optional<outbox::Link> link = {};                 // of the rows
    std::optional<Error> refused = {};                     // what `make` said
    bool destination_unknown = false;                      // since the queue could not be read
  };
  void begin(Warnings& warnings);
  void look_at_spill();
  void give_up_queue(Error why, Warnings& warnings);
  void tell_of_clock_trouble(Warnings& warnings) const;
  void tell_of_trouble(const Emission& emission) const;
  outbox::Outbox::Glance glance(Emission& emission);
  Result<std::span<const outbox::NewRow>> make_rows(Emission& emission, outbox::Outbox::Glance glance);
  bool refilled(Emission& emission);
  bool still_in_spill(std::int64_t link_id);
  bool append_to_queue(Emission& emission);
  Result<void> append_to_spill(Emission& emission);

  const Environment& environment_;
  Path home_;
  settings::Settings settings_;
  WaitBudget waits_;  // of a call, for all locks
  outbox::LamportClock clock_;
  outbox::Spill spill_;
  std::optional<outbox::Outbox> queue_;
  std::optional<Error> trouble_;                   // why this emission does without the queue
  std::optional<Error> clock_trouble_;             // why its values are what the queue's mark makes
  bool spilled_ = false;                           // there are lines in the spill
  std::optional<std::uint64_t> spill_high_water_;  // of the spill, when the emission began, if it can be read
  outbox::KnownHighWater high_water_{0, false};    // of both, for the rows that are made
  std::map<std::int64_t, std::string> last_spilled_;  // event id, by link
};

}  // namespace pawprint::client
