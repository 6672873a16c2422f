// The part of Users that changes who belongs to a team, and what ends with that.
#include "base/format.h"
#include "base/printable.h"
#include "hub/store/users.h"

namespace pawprint::hub::store {
namespace {

Result<std::string> id_of(Write& write, std::string_view email) {
  PAW_TRY(select, write.prepare("SELECT user_id FROM users WHERE email = ?1"));
  PAW_TRY(there, select.bind(1, email).step());
  if (!there) return fail(ErrorKind::failed, fmt::format("there is no user {}", printable(email)));
  return select.text(0);
}

std::unexpected<Error> no_member(std::string_view email, const Team& team) {
  return fail(ErrorKind::failed, fmt::format("{} is no member of team {}", printable(email), team.slug));
}

// Without a team: those in every team.
Result<void> end_sessions(Write& write, std::string_view user_id, std::optional<std::string_view> team_id) {
  PAW_TRY(update, write.prepare("UPDATE refresh_families SET revoked = 1"
                                " WHERE user_id = ?1 AND (?2 IS NULL OR team_id = ?2)"));
  return update.bind(1, user_id).bind(2, team_id).run();
}

Result<void> give_default_team(Write& write, std::string_view user_id) {
  PAW_TRY(update, write.prepare("UPDATE memberships SET is_default = 1 WHERE user_id = ?1 AND team_id ="
                                " (SELECT m.team_id FROM memberships m JOIN teams t USING (team_id)"
                                "  WHERE m.user_id = ?1 ORDER BY m.is_default DESC, t.slug LIMIT 1)"));
  return update.bind(1, user_id).run();
}

// Whose they were.
Result<std::vector<std::string>> delete_of_team(Write& write, const Team& team, std::string_view sql) {
  PAW_TRY(remove, write.prepare(sql));
  remove.bind(1, team.team_id);
  std::vector<std::string> whose;
  for (;;) {
    PAW_TRY(there, remove.step());
    if (!there) return whose;
    whose.push_back(remove.text(0));
  }
}

// Also if they own the team again one day.
Result<void> end_invitations_of(Write& write, std::string_view user_id, const Team& team) {
  PAW_TRY(remove, write.prepare("DELETE FROM invitations WHERE inviter_id = ?1 AND team_id = ?2"
                                " AND used_at_ms IS NULL"));
  return remove.bind(1, user_id).bind(2, team.team_id).run();
}

}  // namespace

Result<std::vector<Member>> Users::members(std::string_view team_id) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare("SELECT u.email, u.name, m.role FROM memberships m"
                               " JOIN users u USING (user_id) WHERE m.team_id = ?1 ORDER BY u.email"));
  select.bind(1, team_id);
  std::vector<Member> members;
  for (;;) {
    PAW_TRY(there, select.step());
    if (!there) return members;
    members.push_back({select.text(0), select.text(1), select.text(2)});
  }
}

Result<void> Users::set_role(std::string_view email, const Team& team, std::string_view role) {
  PAW_TRY(known, check_role(role));
  PAW_TRY(write, database_.write());
  PAW_TRY(user_id, id_of(write, email));
  {
    PAW_TRY(update, write.prepare("UPDATE memberships SET role = ?3 WHERE user_id = ?1 AND team_id = ?2"));
    PAW_TRY(updated, update.bind(1, user_id).bind(2, team.team_id).bind(3, role).run());
  }
  if (write.connection().changes() == 0) return no_member(email, team);
  if (role != kRoleOwner) {
    PAW_TRY(ended, end_invitations_of(write, user_id, team));
  }
  return database_.commit_change_of(std::move(write), std::span(&user_id, 1));
}

Result<void> Users::remove_member(std::string_view email, const Team& team) {
  PAW_TRY(write, database_.write());
  PAW_TRY(user_id, id_of(write, email));
  {
    PAW_TRY(remove, write.prepare("DELETE FROM memberships WHERE user_id = ?1 AND team_id = ?2"));
    PAW_TRY(removed, remove.bind(1, user_id).bind(2, team.team_id).run());
  }
  if (write.connection().changes() == 0) return no_member(email, team);
  PAW_TRY(ended, end_sessions(write, user_id, team.team_id));
  PAW_TRY(invitations, end_invitations_of(write, user_id, team));
  PAW_TRY(given, give_default_team(write, user_id));
  return database_.commit_change_of(std::move(write), std::span(&user_id, 1));
}

Result<void> Users::close_team(const Team& team) {
  PAW_TRY(write, database_.write());
  PAW_TRY(left, delete_of_team(write, team, "DELETE FROM memberships WHERE team_id = ?1 RETURNING user_id"));
  PAW_TRY(machines,
          delete_of_team(write, team, "DELETE FROM machine_tokens WHERE team_id = ?1 RETURNING token_id"));
  for (const char* sql : {"UPDATE refresh_families SET revoked = 1 WHERE team_id = ?1",
                          "DELETE FROM invitations WHERE team_id = ?1"}) {
    PAW_TRY(statement, write.prepare(sql));
    PAW_TRY(done, statement.bind(1, team.team_id).run());
  }
  for (const std::string& user_id : left) {
    PAW_TRY(given, give_default_team(write, user_id));
  }
  left.insert(left.end(), machines.begin(), machines.end());
  return database_.commit_change_of(std::move(write), left);
}

Result<void> Users::set_password(std::string_view email, std::string_view password_hash) {
  PAW_TRY(write, database_.write());
  PAW_TRY(user_id, id_of(write, email));
  {
    PAW_TRY(update, write.prepare("UPDATE users SET password_hash = ?2 WHERE user_id = ?1"));
    PAW_TRY(updated, update.bind(1, user_id).bind(2, password_hash).run());
  }
  PAW_TRY(ended, end_sessions(write, user_id, std::nullopt));
  return database_.commit_change_of(std::move(write), std::span(&user_id, 1));
}

}  // namespace pawprint::hub::store
