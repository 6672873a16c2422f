// Refresh tokens and the families they descend in. Only SHA-256 hashes of tokens are kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "hub/store/database.h"

namespace pawprint::hub::store {

// One sign-in: its first token and all successors of it.
struct Family {
  std::string family_id;  // ULID
  std::string user_id;
  std::string team_id;
};

struct RefreshToken {
  Digest hash{};
  Family family;
  bool revoked = false;  // the whole family is
  std::int64_t expires_at_ms = 0;
  std::optional<std::int64_t> used_at_ms;            // when it was first exchanged for its successor
  std::optional<std::int64_t> successor_used_at_ms;  // when that successor was first exchanged
};

// What is expired is deleted a while later, by a time of its own that follows the clock at twice the speed at
// most: a clock that jumps ahead, and back again some hours after, has not signed anybody out.
//
// Thread-safe. Errors are of the file: `io` or `busy`.
class Sessions {
 public:
  explicit Sessions(Database& database) : database_(database) {}

  // A new family with its first token.
  Result<Family> begin(std::string_view user_id, std::string_view team_id, const Digest& token_hash,
                       std::int64_t expires_at_ms);

  Result<std::optional<RefreshToken>> find(const Digest& token_hash);

  // Marks `parent` as used (the first time wins) and adds its successor unless it is there already. false:
  // the family has been revoked meanwhile, nothing was changed.
  Result<bool> exchange(const Digest& parent, const Digest& successor, std::int64_t now_ms,
                        std::int64_t successor_expires_at_ms);

  Result<void> revoke(std::string_view family_id);
  Result<bool> is_going_on(std::string_view family_id);  // known and not revoked

 private:
  Result<void> forget_expired(Write& write);

  Database& database_;
  std::int64_t swept_until_ms_ = 0;  // with the writers' mutex: what expired before is deleted
  std::int64_t swept_at_monotonic_ms_ = 0;
};

}  // namespace pawprint::hub::store
