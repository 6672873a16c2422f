#include "hub/store/sessions.h"

#include <algorithm>
#include <utility>

#include "base/sabotage.h"
#include "base/ulid.h"
#include "hub/store/digest_column.h"

namespace pawprint::hub::store {
namespace {

// The time of the deletion goes at most twice as fast as time passes, and begins, as it does behind every
// gap, this long before what would be deleted next: a clock that is ahead for half of that does no harm at
// all.
constexpr std::int64_t kMostSpeed = 2;
constexpr std::int64_t kMarginMs = 86'400'000;

Result<std::optional<std::int64_t>> first_expiry(Write& write) {
  PAW_TRY(select, write.prepare("SELECT min(expires_at_ms) FROM refresh_tokens"));
  PAW_TRY(there, select.step());
  if (!there || select.is_null(0)) return std::nullopt;
  return select.integer(0);
}

Result<void> insert_family(Write& write, const Family& family) {
  PAW_TRY(insert,
          write.prepare("INSERT INTO refresh_families(family_id, user_id, team_id) VALUES(?1, ?2, ?3)"));
  return insert.bind(1, family.family_id).bind(2, family.user_id).bind(3, family.team_id).run();
}

// The first time that a token was exchanged stays. nullopt: unknown, or its family is revoked.
Result<std::optional<std::string>> mark_used(Write& write, const Digest& token_hash, std::int64_t now_ms) {
  PAW_TRY(update, write.prepare("UPDATE refresh_tokens SET used_at_ms = coalesce(used_at_ms, ?2)"
                                " WHERE token_hash = ?1 AND family_id IN"
                                " (SELECT family_id FROM refresh_families WHERE revoked = 0)"
                                " RETURNING family_id"));
  PAW_TRY(there, update.bind_blob(1, bytes_of(token_hash)).bind(2, now_ms).step());
  if (!there) return std::nullopt;
  std::string family_id = update.text(0);
  PAW_TRY(ended, update.run());
  return family_id;
}

Result<void> put_token(Write& write, std::string_view family_id, const std::optional<Digest>& parent,
                       const Digest& token_hash, std::int64_t expires_at_ms) {
  PAW_TRY(insert,
          write.prepare("INSERT INTO refresh_tokens(token_hash, family_id, parent_hash, expires_at_ms)"
                        " VALUES(?1, ?2, ?3, ?4)"
                        " ON CONFLICT(token_hash) DO UPDATE SET expires_at_ms = excluded.expires_at_ms"));
  insert.bind_blob(1, bytes_of(token_hash)).bind(2, family_id).bind(4, expires_at_ms);
  if (parent) insert.bind_blob(3, bytes_of(*parent));
  return insert.run();
}

// Successors are derived with a key of the hub: when that is another one, so is what it derives.
Result<bool> has_other_successor(Write& write, const Digest& parent, const Digest& successor) {
  PAW_TRY(select, write.prepare("SELECT 1 FROM refresh_tokens WHERE parent_hash = ?1 AND token_hash <> ?2"));
  return select.bind_blob(1, bytes_of(parent)).bind_blob(2, bytes_of(successor)).step();
}

}  // namespace

// An expired token is refused whether it is known or not.
Result<void> Sessions::forget_expired(Write& write) {
  const std::int64_t now_ms = database_.clock().unix_ms();
  const std::int64_t monotonic_ms = database_.clock().monotonic_ms();
  PAW_TRY(first, first_expiry(write));
  const std::int64_t passed_ms = monotonic_ms - std::exchange(swept_at_monotonic_ms_, monotonic_ms);
  const std::int64_t reached_ms = swept_until_ms_ + kMostSpeed * passed_ms;
  swept_until_ms_ = std::min(now_ms, std::max(first ? *first - kMarginMs : now_ms, reached_ms));
  if (sabotaged("sweep-by-wall-clock")) swept_until_ms_ = now_ms;
  {
    PAW_TRY(tokens, write.prepare("DELETE FROM refresh_tokens WHERE expires_at_ms < ?1"));
    PAW_TRY(deleted, tokens.bind(1, swept_until_ms_).run());
    if (write.connection().changes() == 0) return {};
  }
  return write.execute(
      "DELETE FROM refresh_families WHERE family_id NOT IN (SELECT family_id FROM refresh_tokens)");
}

Result<Family> Sessions::begin(std::string_view user_id, std::string_view team_id, const Digest& token_hash,
                               std::int64_t expires_at_ms) {
  Family family{UlidGenerator(database_.clock(), database_.random()).next(), std::string(user_id),
                std::string(team_id)};
  PAW_TRY(write, database_.write());
  PAW_TRY(forgotten, forget_expired(write));
  PAW_TRY(inserted, insert_family(write, family));
  PAW_TRY(token, put_token(write, family.family_id, std::nullopt, token_hash, expires_at_ms));
  PAW_TRY(committed, write.commit());
  return family;
}

Result<std::optional<RefreshToken>> Sessions::find(const Digest& token_hash) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select,
          read.prepare("SELECT f.family_id, f.user_id, f.team_id, f.revoked, t.expires_at_ms, t.used_at_ms,"
                       " s.used_at_ms FROM refresh_tokens t"
                       " JOIN refresh_families f ON f.family_id = t.family_id"
                       " LEFT JOIN refresh_tokens s ON s.parent_hash = t.token_hash"
                       " WHERE t.token_hash = ?1"));
  PAW_TRY(there, select.bind_blob(1, bytes_of(token_hash)).step());
  if (!there) return std::nullopt;
  RefreshToken token;
  token.hash = token_hash;
  token.family = Family{select.text(0), select.text(1), select.text(2)};
  token.revoked = select.integer(3) != 0;
  token.expires_at_ms = select.integer(4);
  if (!select.is_null(5)) token.used_at_ms = select.integer(5);
  if (!select.is_null(6)) token.successor_used_at_ms = select.integer(6);
  return token;
}

Result<bool> Sessions::exchange(const Digest& parent, const Digest& successor, std::int64_t now_ms,
                                std::int64_t successor_expires_at_ms) {
  PAW_TRY(write, database_.write());
  PAW_TRY(family_id, mark_used(write, parent, now_ms));
  if (!family_id) return false;
  PAW_TRY(has_other, has_other_successor(write, parent, successor));
  if (has_other) return false;
  PAW_TRY(token, put_token(write, *family_id, parent, successor, successor_expires_at_ms));
  PAW_TRY(committed, write.commit());
  return true;
}

Result<void> Sessions::revoke(std::string_view family_id) {
  PAW_TRY(write, database_.write());
  std::string user_id;
  {
    PAW_TRY(update, write.prepare("UPDATE refresh_families SET revoked = 1"
                                  " WHERE family_id = ?1 AND revoked = 0 RETURNING user_id"));
    PAW_TRY(going_on, update.bind(1, family_id).step());
    if (!going_on) return {};
    user_id = update.text(0);
    PAW_TRY(ended, update.run());
  }
  return database_.commit_change_of(std::move(write), std::span(&user_id, 1));
}

Result<bool> Sessions::is_going_on(std::string_view family_id) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare("SELECT 1 FROM refresh_families WHERE family_id = ?1 AND revoked = 0"));
  return select.bind(1, family_id).step();
}

}  // namespace pawprint::hub::store
