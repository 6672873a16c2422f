// Invitations into a team: each good for one person, once, for a while. Only SHA-256 hashes of them are kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "hub/store/database.h"
#include "hub/store/new_member.h"
#include "hub/store/users.h"

namespace pawprint::hub::store {

struct Invitation {
  std::string invitation_id;  // ULID; names it where its secret must not be seen
  Team team;
  std::string role;
  std::string email;  // the only one that may accept it; empty: whoever has it
  std::int64_t expires_at_ms = 0;
  std::optional<std::int64_t> used_at_ms;
  bool is_backed = true;  // whoever made it owns the team still, or is the hub's administrator
};

struct NewInvitation {
  const Team& team;
  std::string_view role;
  std::string_view email;  // as in Invitation
  std::int64_t lifetime_ms = 0;
  std::string_view inviter_id;  // the user who makes it; empty: the hub's administrator
};

inline constexpr std::int64_t kMaxInvitationMs = 30LL * 86'400'000;

// Thread-safe. Errors of the file are of kind `io` or `busy`.
class Invitations {
 public:
  explicit Invitations(Database& database) : database_(database) {}

  // For 1 ms to 30 days; that and an unknown role: kind `invalid`.
  Result<Invitation> issue(const NewInvitation& wanted, const Digest& token_hash);

  Result<std::vector<Invitation>> list(std::string_view team_id);  // the oldest first, used ones too
  Result<std::optional<Invitation>> find(const Digest& token_hash);

  // In one transaction: the invitation is used up, and the user belongs to the team. `newcomer` makes the
  // user, so nobody may have that email; else the user must be there. If that is not so, the invitation was
  // used, expired or withdrawn meanwhile or is not backed any more, or they are a member already: kind
  // `failed`, nothing is changed.
  enum class Guest { newcomer, user };
  Result<User> accept(const Digest& token_hash, const NewMember& member, Guest guest);

  // false: the team has no such invitation that could still be accepted.
  Result<bool> withdraw(std::string_view team_id, std::string_view invitation_id);

 private:
  Database& database_;
};

}  // namespace pawprint::hub::store
