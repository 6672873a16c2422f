// One delivery: everything that the sessions of this machine can deliver now, link by link.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "credentials/sessions.h"
#include "pawprint/error.h"
#include "sync/uplink.h"

namespace pawprint::sync {

struct DeliverySummary {
  std::uint64_t attempted = 0;  // success + duplicate + parked + unknown
  std::uint64_t success = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t parked = 0;
  std::uint64_t unknown = 0;
  std::uint64_t again = 0;                  // put back into the queue, since a hub came back from a backup
  std::uint64_t remaining = 0;              // events of linked projects that still wait
  std::uint64_t unlinked = 0;               // events that wait without a link, and
  std::uint64_t ended = 0;                  // for one that was ended: no delivery takes them
  std::vector<std::string> asked = {};      // origins of hubs that answered
  std::vector<std::string> unreached = {};  // of those that did not
  std::string stopped_by;                   // name_of(StopReason); of several links, the gravest

  std::optional<Error> problem;                // the same for people; nullopt if stopped_by is "empty"
  std::optional<std::uint64_t> highest_clock;  // the highest Lamport value that a hub reported
};

// Delivers with the sessions of the store and that of `means.machine`, each what is linked to it.
// A hub that came back from a backup is noticed even if nothing waits for it: it is asked which log it has.
//
// `progress` is told, after every settlement, how many events are adjudicated and how many there are to
// deliver. A link that is stopped, be it by an error of outbox or sessions file, does not stop those of other
// hubs. Errors: the queue or the sessions cannot be read, and nothing was sent.
Result<DeliverySummary> deliver(const Means& means, credentials::SessionStore& sessions,
                                const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

}  // namespace pawprint::sync
