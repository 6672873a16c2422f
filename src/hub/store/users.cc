#include "hub/store/users.h"

#include <algorithm>

#include "base/format.h"
#include "base/printable.h"
#include "hub/store/new_member.h"
#include "protocol/ids.h"

namespace pawprint::hub::store {
namespace {

constexpr std::size_t kMaxSlugBytes = 63;
constexpr std::size_t kMaxEmailBytes = 254;    // RFC 5321, erratum 1690
constexpr std::string_view kNoTeam = "local";  // what an event says that is linked to no team

bool is_team_slug(std::string_view slug) {
  if (slug.empty() || slug.size() > kMaxSlugBytes || slug == kNoTeam) return false;
  if (slug.front() == '-' || slug.back() == '-' || slug.find("--") != std::string_view::npos) return false;
  return std::ranges::all_of(
      slug, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_email(std::string_view email) {
  const auto at = email.find('@');
  if (email.size() > kMaxEmailBytes || at == 0 || at == std::string_view::npos || at + 1 == email.size()) {
    return false;
  }
  return email.find('@', at + 1) == std::string_view::npos && std::ranges::all_of(email, [](char c) {
           return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
         });
}

User user_of(const sqlite::Statement& row) {
  return User{row.text(0), row.text(1), row.text(2), row.text(3)};
}

Team team_of(const sqlite::Statement& row) {
  return Team{row.text(0), row.text(1), row.text(2)};
}

constexpr std::string_view kUserByEmail =
    "SELECT user_id, email, name, password_hash FROM users WHERE email = ?1";
constexpr std::string_view kUserById =
    "SELECT user_id, email, name, password_hash FROM users WHERE user_id = ?1";
constexpr std::string_view kTeamBySlug = "SELECT team_id, slug, name FROM teams WHERE slug = ?1";

template <class Lease>
Result<std::optional<User>> one_user(Lease& lease, std::string_view sql, std::string_view key) {
  PAW_TRY(select, lease.prepare(sql));
  PAW_TRY(there, select.bind(1, key).step());
  if (!there) return std::nullopt;
  return user_of(select);
}

template <class Lease>
Result<std::optional<Team>> one_team(Lease& lease, std::string_view slug) {
  PAW_TRY(select, lease.prepare(kTeamBySlug));
  PAW_TRY(there, select.bind(1, slug).step());
  if (!there) return std::nullopt;
  return team_of(select);
}

Result<User> insert_user(Write& write, Random& random, std::string_view email, std::string_view name,
                         std::string_view password_hash) {
  User user{protocol::new_uuid_v4(random), std::string(email), std::string(name), std::string(password_hash)};
  PAW_TRY(insert,
          write.prepare("INSERT INTO users(user_id, email, name, password_hash) VALUES(?1, ?2, ?3, ?4)"));
  PAW_TRY(
      inserted,
      insert.bind(1, user.user_id).bind(2, user.email).bind(3, user.name).bind(4, user.password_hash).run());
  return user;
}

Result<void> insert_membership(Write& write, const User& user, const Team& team, std::string_view role) {
  PAW_TRY(insert,
          write.prepare("INSERT INTO memberships(user_id, team_id, role, is_default)"
                        " SELECT ?1, ?2, ?3, NOT EXISTS (SELECT 1 FROM memberships WHERE user_id = ?1)"
                        " ON CONFLICT DO NOTHING"));
  PAW_TRY(inserted, insert.bind(1, user.user_id).bind(2, team.team_id).bind(3, role).run());
  if (write.connection().changes() == 0) {
    return fail(ErrorKind::failed, fmt::format("cannot add {} to team {}: they are a member of it already",
                                               printable(user.email), team.slug));
  }
  return {};
}

}  // namespace

Result<void> check_email(std::string_view email) {
  if (is_email(email)) return {};
  return fail(ErrorKind::invalid, fmt::format("\"{}\" is no email address", printable(email)));
}

Result<User> put_member(Write& write, Random& random, const NewMember& member, const Team& team,
                        std::string_view role) {
  PAW_TRY(usable, check_email(member.email));
  PAW_TRY(known_role, check_role(role));
  PAW_TRY(user, one_user(write, kUserByEmail, member.email));
  if (!user) {
    PAW_TRY(made, insert_user(write, random, member.email, member.name, member.password_hash));
    user = std::move(made);
  }
  PAW_TRY(inserted, insert_membership(write, *user, team, role));
  return *user;
}

Result<void> check_role(std::string_view role) {
  if (role == kRoleViewer || role == kRoleMember || role == kRoleOwner) return {};
  return fail(ErrorKind::invalid, fmt::format("there is no role \"{}\": roles are {}, {} and {}",
                                              printable(role), kRoleOwner, kRoleMember, kRoleViewer));
}

Result<Team> Users::add_team(std::string_view slug, std::string_view name) {
  if (!is_team_slug(slug)) {
    return fail(
        ErrorKind::invalid,
        fmt::format("cannot add a team \"{}\": a team's slug is 1 to {} lower-case letters and digits, "
                    "with single `-` between them, and not \"local\"",
                    printable(slug), kMaxSlugBytes));
  }
  PAW_TRY(write, database_.write());
  PAW_TRY(known, one_team(write, slug));
  if (known) return fail(ErrorKind::failed, fmt::format("cannot add team {}: it exists already", slug));
  Team team{protocol::new_uuid_v4(database_.random()), std::string(slug),
            std::string(name.empty() ? slug : name)};
  {
    PAW_TRY(insert, write.prepare("INSERT INTO teams(team_id, slug, name) VALUES(?1, ?2, ?3)"));
    PAW_TRY(inserted, insert.bind(1, team.team_id).bind(2, team.slug).bind(3, team.name).run());
  }
  PAW_TRY(committed, write.commit());
  return team;
}

Result<std::optional<Team>> Users::find_team(std::string_view slug) {
  PAW_TRY(read, database_.read());
  return one_team(read, slug);
}

Result<std::vector<Team>> Users::teams() {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare("SELECT team_id, slug, name FROM teams ORDER BY slug"));
  std::vector<Team> teams;
  for (;;) {
    PAW_TRY(there, select.step());
    if (!there) return teams;
    teams.push_back(team_of(select));
  }
}

Result<User> Users::add_user(std::string_view email, std::string_view name, std::string_view password_hash,
                             const Team& team, std::string_view role) {
  PAW_TRY(write, database_.write());
  PAW_TRY(user, put_member(write, database_.random(), {email, name, password_hash}, team, role));
  PAW_TRY(committed, write.commit());
  return user;
}

Result<std::optional<User>> Users::find_user(std::string_view email) {
  PAW_TRY(read, database_.read());
  return one_user(read, kUserByEmail, email);
}

Result<std::optional<User>> Users::find_user_by_id(std::string_view user_id) {
  PAW_TRY(read, database_.read());
  return one_user(read, kUserById, user_id);
}

Result<std::optional<std::string>> Users::role_in(std::string_view team_id, std::string_view user_id,
                                                  std::string_view session_id) {
  PAW_TRY(read, database_.read());
  PAW_TRY(
      select,
      read.prepare("SELECT role FROM memberships WHERE user_id = ?1 AND team_id = ?2 AND (?3 = '' OR EXISTS"
                   " (SELECT 1 FROM refresh_families WHERE family_id = ?3 AND revoked = 0))"));
  PAW_TRY(there, select.bind(1, user_id).bind(2, team_id).bind(3, session_id).step());
  if (!there) return std::nullopt;
  return select.text(0);
}

Result<std::vector<Membership>> Users::memberships(std::string_view user_id) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare("SELECT t.team_id, t.slug, t.name, m.role, m.is_default FROM memberships m"
                               " JOIN teams t ON t.team_id = m.team_id WHERE m.user_id = ?1"
                               " ORDER BY m.is_default DESC, t.slug"));
  select.bind(1, user_id);
  std::vector<Membership> memberships;
  for (;;) {
    PAW_TRY(there, select.step());
    if (!there) return memberships;
    memberships.push_back(Membership{team_of(select), select.text(3), select.integer(4) != 0});
  }
}

}  // namespace pawprint::hub::store
