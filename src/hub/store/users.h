// Teams, users and who belongs to which team in which role.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/store/database.h"

namespace pawprint::hub::store {

struct Team {
  std::string team_id;  // UUIDv4
  std::string slug;
  std::string name;
};

struct User {
  std::string user_id;  // UUIDv4
  std::string email;    // as first given; compared without regard to ASCII case
  std::string name;
  std::string password_hash;
};

// What a member may do in a team: a viewer reads, a member writes events too, an owner manages the team.
inline constexpr std::string_view kRoleViewer = "viewer";
inline constexpr std::string_view kRoleMember = "member";
inline constexpr std::string_view kRoleOwner = "owner";
Result<void> check_role(std::string_view role);  // kind `invalid`: it is none of these

struct Membership {
  Team team;
  std::string role;
  bool is_default = false;  // the team that a sign-in without a team name means
};

// Somebody as a team sees them.
struct Member {
  std::string email;
  std::string name;
  std::string role;
};

// Thread-safe. Breaches of a rule of the caller's input are kind `invalid`, errors of the file `io` or
// `busy`.
class Users {
 public:
  explicit Users(Database& database) : database_(database) {}

  // The slug is kebab-case: [a-z0-9] runs joined by single `-`, at most 63 characters, not "local". One that
  // exists: kind `failed`. An empty name means the slug.
  Result<Team> add_team(std::string_view slug, std::string_view name);
  Result<std::optional<Team>> find_team(std::string_view slug);
  Result<std::vector<Team>> teams();  // by slug

  // An unknown email makes the user, whose default team this becomes; a known one gets the membership, and
  // name and password stay as they are. A member of that team already: kind `failed`.
  Result<User> add_user(std::string_view email, std::string_view name, std::string_view password_hash,
                        const Team& team, std::string_view role);
  Result<std::optional<User>> find_user(std::string_view email);
  Result<std::optional<User>> find_user_by_id(std::string_view user_id);
  Result<std::vector<Membership>> memberships(
      std::string_view user_id);  // the default one first, then by slug

  // In the team, now; nullopt: they are no member of it, or the session (none if empty) is over.
  Result<std::optional<std::string>> role_in(std::string_view team_id, std::string_view user_id,
                                             std::string_view session_id);

  Result<std::vector<Member>> members(std::string_view team_id);  // by email

  // The next three take somebody who is no user, or no member of the team, as kind `failed`.

  // All of it holds at once, whatever a token says.
  Result<void> set_role(std::string_view email, const Team& team, std::string_view role);
  // Ends their sessions in that team too. Their next team by slug becomes the default one if this was. The
  // user stays known, with the password they have.
  Result<void> remove_member(std::string_view email, const Team& team);
  // Nobody belongs to the team any more: its sessions end, its machine tokens and invitations are gone. The
  // log stays, and so does the slug.
  Result<void> close_team(const Team& team);

  // Ends all of their sessions. Nobody of that email: kind `failed`.
  Result<void> set_password(std::string_view email, std::string_view password_hash);

 private:
  Database& database_;
};

}  // namespace pawprint::hub::store
