#include "hub/store/machine_tokens.h"

#include "base/format.h"
#include "base/printable.h"
#include "base/ulid.h"
#include "hub/store/digest_column.h"

namespace pawprint::hub::store {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::int64_t kNoteUseEveryMs = 60'000;

constexpr std::string_view kColumns =
    "SELECT m.token_id, t.team_id, t.slug, t.name, m.name, m.created_at_ms, m.last_used_at_ms,"
    " m.revoked_at_ms FROM machine_tokens m JOIN teams t USING (team_id)";

std::optional<std::int64_t> integer_or_none(const sqlite::Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.integer(column);
}

MachineToken token_in(const sqlite::Statement& row) {
  return {row.text(0),
          Team{row.text(1), row.text(2), row.text(3)},
          row.text(4),
          row.integer(5),
          integer_or_none(row, 6),
          integer_or_none(row, 7)};
}

}  // namespace

Result<MachineToken> MachineTokens::issue(const Team& team, std::string_view name, const Digest& token_hash) {
  if (name.empty() || name.size() > kMaxNameBytes) {
    return fail(ErrorKind::invalid, fmt::format("cannot issue a token \"{}\": its name has 1 to {} bytes",
                                                printable(name), kMaxNameBytes));
  }
  MachineToken token{UlidGenerator(database_.clock(), database_.random()).next(),
                     team,
                     std::string(name),
                     database_.clock().unix_ms(),
                     {},
                     {}};
  PAW_TRY(write, database_.write());
  {
    PAW_TRY(insert, write.prepare("INSERT INTO machine_tokens(token_id, team_id, name, token_hash,"
                                  " created_at_ms) VALUES(?1, ?2, ?3, ?4, ?5)"));
    insert.bind(1, token.token_id).bind(2, team.team_id).bind(3, name).bind_blob(4, bytes_of(token_hash));
    PAW_TRY(inserted, insert.bind(5, token.created_at_ms).run());
  }
  PAW_TRY(committed, write.commit());
  return token;
}

Result<std::vector<MachineToken>> MachineTokens::list(std::optional<std::string_view> team_id) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select,
          read.prepare(fmt::format("{} WHERE ?1 IS NULL OR m.team_id = ?1 ORDER BY m.token_id", kColumns)));
  select.bind(1, team_id);
  std::vector<MachineToken> tokens;
  for (;;) {
    PAW_TRY(there, select.step());
    if (!there) return tokens;
    tokens.push_back(token_in(select));
  }
}

Result<std::optional<MachineToken>> MachineTokens::find(const Digest& token_hash) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare(fmt::format("{} WHERE m.token_hash = ?1", kColumns)));
  PAW_TRY(there, select.bind_blob(1, bytes_of(token_hash)).step());
  if (!there) return std::nullopt;
  return token_in(select);
}

Result<bool> MachineTokens::is_valid(std::string_view token_id) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare("SELECT 1 FROM machine_tokens WHERE token_id = ?1 AND revoked_at_ms IS NULL"));
  return select.bind(1, token_id).step();
}

Result<void> MachineTokens::revoke(std::string_view token_id) {
  PAW_TRY(write, database_.write());
  {
    PAW_TRY(update, write.prepare("UPDATE machine_tokens SET revoked_at_ms = coalesce(revoked_at_ms, ?2)"
                                  " WHERE token_id = ?1"));
    PAW_TRY(updated, update.bind(1, token_id).bind(2, database_.clock().unix_ms()).run());
  }
  if (write.connection().changes() == 0) {
    return fail(ErrorKind::failed, fmt::format("there is no token with the id {}", printable(token_id)));
  }
  const std::string revoked(token_id);
  return database_.commit_change_of(std::move(write), std::span(&revoked, 1));
}

Result<bool> MachineTokens::is_noted(std::string_view token_id, std::int64_t now_ms) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare("SELECT 1 FROM machine_tokens WHERE token_id = ?1 AND last_used_at_ms > ?2"));
  return select.bind(1, token_id).bind(2, now_ms - kNoteUseEveryMs).step();
}

Result<void> MachineTokens::note_use(std::string_view token_id) {
  const std::int64_t now_ms = database_.clock().unix_ms();
  PAW_TRY(noted, is_noted(token_id, now_ms));
  if (noted) return {};
  PAW_TRY(write, database_.write());
  {
    PAW_TRY(update, write.prepare("UPDATE machine_tokens SET last_used_at_ms = ?2 WHERE token_id = ?1"));
    PAW_TRY(updated, update.bind(1, token_id).bind(2, now_ms).run());
  }
  return write.commit();
}

}  // namespace pawprint::hub::store
