#include "hub/store/invitations.h"

#include "base/format.h"
#include "base/ulid.h"
#include "hub/store/digest_column.h"
#include "hub/store/new_member.h"

namespace pawprint::hub::store {
namespace {

constexpr std::string_view kColumns =
    "SELECT i.invitation_id, t.team_id, t.slug, t.name, i.role, i.email, i.expires_at_ms, i.used_at_ms,"
    " i.inviter_id IS NULL OR EXISTS (SELECT 1 FROM memberships m WHERE m.team_id = i.team_id"
    "  AND m.user_id = i.inviter_id AND m.role = 'owner')"
    " FROM invitations i JOIN teams t USING (team_id)";

Invitation invitation_in(const sqlite::Statement& row) {
  Invitation invitation{
      row.text(0), Team{row.text(1), row.text(2), row.text(3)}, row.text(4), row.text(5), row.integer(6), {}};
  if (!row.is_null(7)) invitation.used_at_ms = row.integer(7);
  invitation.is_backed = row.integer(8) != 0;
  return invitation;
}

template <class Lease>
Result<std::optional<Invitation>> one_invitation(Lease& lease, const Digest& token_hash) {
  PAW_TRY(select, lease.prepare(fmt::format("{} WHERE i.token_hash = ?1", kColumns)));
  PAW_TRY(there, select.bind_blob(1, bytes_of(token_hash)).step());
  if (!there) return std::nullopt;
  return invitation_in(select);
}

Result<bool> is_known(Write& write, std::string_view email) {
  PAW_TRY(select, write.prepare("SELECT 1 FROM users WHERE email = ?1"));
  return select.bind(1, email).step();
}

}  // namespace

Result<Invitation> Invitations::issue(const NewInvitation& wanted, const Digest& token_hash) {
  PAW_TRY(known_role, check_role(wanted.role));
  if (!wanted.email.empty()) {
    PAW_TRY(usable, check_email(wanted.email));
  }
  if (wanted.lifetime_ms < 1 || wanted.lifetime_ms > kMaxInvitationMs) {
    return fail(ErrorKind::invalid, "cannot invite: an invitation holds for 1 second to 30 days");
  }
  Invitation invitation{UlidGenerator(database_.clock(), database_.random()).next(),
                        wanted.team,
                        std::string(wanted.role),
                        std::string(wanted.email),
                        database_.clock().unix_ms() + wanted.lifetime_ms,
                        {}};
  PAW_TRY(write, database_.write());
  {
    PAW_TRY(insert,
            write.prepare("INSERT INTO invitations(invitation_id, team_id, role, email, token_hash,"
                          " expires_at_ms, inviter_id) VALUES(?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, ''))"));
    insert.bind(1, invitation.invitation_id).bind(2, wanted.team.team_id).bind(3, wanted.role);
    insert.bind(4, wanted.email).bind_blob(5, bytes_of(token_hash)).bind(6, invitation.expires_at_ms);
    PAW_TRY(inserted, insert.bind(7, wanted.inviter_id).run());
  }
  PAW_TRY(committed, write.commit());
  return invitation;
}

Result<std::vector<Invitation>> Invitations::list(std::string_view team_id) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare(fmt::format("{} WHERE i.team_id = ?1 ORDER BY i.invitation_id", kColumns)));
  select.bind(1, team_id);
  std::vector<Invitation> invitations;
  for (;;) {
    PAW_TRY(there, select.step());
    if (!there) return invitations;
    invitations.push_back(invitation_in(select));
  }
}

Result<std::optional<Invitation>> Invitations::find(const Digest& token_hash) {
  PAW_TRY(read, database_.read());
  return one_invitation(read, token_hash);
}

Result<User> Invitations::accept(const Digest& token_hash, const NewMember& member, Guest guest) {
  PAW_TRY(write, database_.write());
  const std::int64_t now_ms = database_.clock().unix_ms();
  PAW_TRY(invitation, one_invitation(write, token_hash));
  if (!invitation || invitation->used_at_ms || invitation->expires_at_ms <= now_ms ||
      !invitation->is_backed) {
    return fail(ErrorKind::failed, "the invitation does not hold (any more)");
  }
  PAW_TRY(known, is_known(write, member.email));
  if (known != (guest == Guest::user)) {
    return fail(ErrorKind::failed, known ? "there is a user of this address: sign in, and join as that user"
                                         : "the user is not known any more");
  }
  {
    PAW_TRY(update, write.prepare("UPDATE invitations SET used_at_ms = ?2 WHERE invitation_id = ?1"));
    PAW_TRY(updated, update.bind(1, invitation->invitation_id).bind(2, now_ms).run());
  }
  PAW_TRY(user, put_member(write, database_.random(), member, invitation->team, invitation->role));
  PAW_TRY(committed, write.commit());
  return user;
}

Result<bool> Invitations::withdraw(std::string_view team_id, std::string_view invitation_id) {
  PAW_TRY(write, database_.write());
  {
    PAW_TRY(remove, write.prepare("DELETE FROM invitations WHERE invitation_id = ?1 AND team_id = ?2"
                                  " AND used_at_ms IS NULL"));
    PAW_TRY(removed, remove.bind(1, invitation_id).bind(2, team_id).run());
  }
  if (write.connection().changes() == 0) return false;
  PAW_TRY(committed, write.commit());
  return true;
}

}  // namespace pawprint::hub::store
