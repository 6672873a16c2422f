// Tokens of machines that have no user, as a CI runner. Only SHA-256 hashes of them are kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "hub/store/database.h"
#include "hub/store/users.h"

namespace pawprint::hub::store {

struct MachineToken {
  std::string token_id;  // ULID; names the token where the token itself must not be seen
  Team team;
  std::string name;
  std::int64_t created_at_ms = 0;
  std::optional<std::int64_t> last_used_at_ms;
  std::optional<std::int64_t> revoked_at_ms;
};

// Thread-safe. Errors of the file are of kind `io` or `busy`.
class MachineTokens {
 public:
  explicit MachineTokens(Database& database) : database_(database) {}

  // A name of 1 to 64 bytes, else kind `invalid`; it need not be the only one of its kind.
  Result<MachineToken> issue(const Team& team, std::string_view name, const Digest& token_hash);

  Result<std::vector<MachineToken>> list(std::optional<std::string_view> team_id);  // the oldest first
  Result<std::optional<MachineToken>> find(const Digest& token_hash);
  Result<bool> is_valid(std::string_view token_id);  // known and not revoked

  // No token of that id: kind `failed`. A second time is no error.
  Result<void> revoke(std::string_view token_id);

  // Waits for who writes, and writes itself at most once a minute.
  Result<void> note_use(std::string_view token_id);

 private:
  Result<bool> is_noted(std::string_view token_id, std::int64_t now_ms);  // not long ago
  Database& database_;
};

}  // namespace pawprint::hub::store
