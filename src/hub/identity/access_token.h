// Access tokens: JWT (RFC 7519) in the profile of RFC 9068, signed with Ed25519 ("EdDSA", RFC 8037).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "hub/identity/keys.h"

namespace pawprint::hub::identity {

inline constexpr std::int64_t kAccessLifetimeSeconds = 900;
inline constexpr std::string_view kAudience = "pawprint-hub";  // `iss` and `aud`; the key tells hubs apart

// For whom a token speaks: one user in one team.
struct Principal {
  std::string user_id;
  std::string team_id;
  std::string team_slug;
  std::string role;
  std::string session_id = {};  // the family of refresh tokens that it belongs to; empty if it says none
  bool is_machine = false;      // may send events, nothing else; user_id is the token's id then
  std::int64_t ends_at_ms = 0;  // monotonic; of a session on the hub's pages, no token says it; 0: none
  std::string kid = {};         // the key that vouches for it; empty: none does
};

// Thread-safe if clock and random are.
class AccessTokens {
 public:
  AccessTokens(const Keys& keys, ClockSource& clock, Random& random)
      : keys_(std::make_shared<const Keys>(keys)), clock_(clock), random_(random) {}

  // From now on these sign and are asked, and no others.
  void use(const Keys& keys);

  std::string issue(const Principal& principal);

  // Anything but a token of ours that is still valid: kind `not_signed_in`. Header and algorithm are pinned:
  // what a token says about how to check it is compared, never obeyed.
  Result<Principal> verify(std::string_view token);

  // Whether it is one of those that sign and are asked.
  bool counts(std::string_view kid) const;

 private:
  std::shared_ptr<const Keys> keys() const;

  mutable std::mutex mutex_;
  std::shared_ptr<const Keys> keys_;  // with mutex_
  ClockSource& clock_;
  Random& random_;
};

}  // namespace pawprint::hub::identity
