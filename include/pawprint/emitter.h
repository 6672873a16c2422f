// Emitting events from a command-line tool. Durable before emit() returns; never waits for a network.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "pawprint/error.h"
#include "pawprint/event.h"
#include "pawprint/warning.h"

namespace pawprint {

// Opens nothing until the first call that needs it. Thread-safe. A process that forks may go on using it on
// both sides: fork() waits for calls that are under way, and the child opens its own files at its first call.
class Emitter {
 public:
  class Implementation;
  explicit Emitter(std::unique_ptr<Implementation> implementation);
  Emitter(Emitter&&) noexcept;
  Emitter& operator=(Emitter&&) noexcept;
  ~Emitter();

  // Stamps identity, team, git state, clock and id onto the event, checks it, and appends it to the outbox of
  // this machine. Without a durability, that of pawprint.toml counts, as it was at the first event, else
  // power. Blocks for one synchronous write, and at most 250 ms for another process. Kinds: invalid
  // (payload breaks its schema: nothing was stored and no clock value used), not_in_project, not_stored
  // (neither queue nor spill took it).
  Result<Receipt> emit(const Event& event, std::optional<Durability> durability = {});

  // The same for several events: all or none, consecutive Lamport values, one shared correlation_id.
  // Events whose derived id is known already are skipped and marked so in their receipts.
  Result<std::vector<Receipt>> emit_all(std::span<const Event> events,
                                        std::optional<Durability> durability = {});

  // Tells the clock of a Lamport value seen in somebody else's work, so that what follows is numbered after
  // it. A value above the ceiling is ignored, with a warning.
  Result<void> observe(std::uint64_t lamport_clock);

  // What went wrong so far without stopping anything, one entry per cause; a copy.
  std::vector<Warning> warnings() const;

 private:
  std::unique_ptr<Implementation> implementation_;
};

// The emitter of this process, made at the first call from the process's environment. Never destroyed, so
// that the host's own static objects may emit to the end.
Emitter& emitter();

}  // namespace pawprint
