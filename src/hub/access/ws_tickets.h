// Tickets for the live channel (docs/protocol.md, authentication): opaque, good for one upgrade.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock_source.h"
#include "base/hash.h"
#include "base/random.h"
#include "hub/identity/access_token.h"

namespace pawprint::hub::access {

inline constexpr std::int64_t kTicketLifetimeSeconds = 900;
inline constexpr std::size_t kMaxTicketsPerCaller = 64;  // one more makes the oldest void

// Thread-safe. In memory, hashes only: a hub that starts anew knows none, and clients ask for another one as
// they do after every lost connection. Clock and random outlive it.
class WsTickets {
 public:
  WsTickets(ClockSource& clock, Random& random) : clock_(clock), random_(random) {}

  std::string issue(const identity::Principal& principal);

  // Whose ticket it was. nullopt: unknown, expired or used.
  std::optional<identity::Principal> redeem(std::string_view ticket);

 private:
  struct Ticket {
    identity::Principal principal;
    std::int64_t expires_at_ms = 0;  // monotonic
  };
  void forget_expired(std::int64_t now_ms);

  ClockSource& clock_;
  Random& random_;
  std::mutex mutex_;
  std::map<Digest, Ticket> tickets_;
  std::deque<Digest> by_age_;
  std::map<std::string, std::deque<Digest>, std::less<>> by_user_;
};

}  // namespace pawprint::hub::access
