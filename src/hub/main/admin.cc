#include "hub/main/admin.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/format.h"
#include "base/printable.h"
#include "base/shell_word.h"
#include "hub/identity/opaque_token.h"
#include "hub/identity/password.h"
#include "hub/main/admin_keys.h"
#include "hub/main/admin_teams.h"
#include "hub/main/columns.h"
#include "hub/main/upkeep.h"
#include "hub/store/way_back.h"

namespace pawprint::hub {
namespace {

Result<store::Team> its_team(const Administered& hub, const AdminRequest& request) {
  return team_named(hub, request.option("team"), request);
}

// It was not typed with the command: what is wrong with it is no wrong usage.
Result<std::string> hash_of_password(const AdminRequest& request) {
  auto hash = identity::hash_password(request.option("password"));
  if (!hash) hash.error().hint = fmt::format("pawprint-hub {} --help", request.verb);
  return hash;
}

Result<std::string> add_team(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(team, hub.store.users().add_team(request.option("slug"), request.option("name")));
  return fmt::format("added team {}\n", team.slug);
}

Result<std::string> list_teams(const Administered& hub, const AdminRequest&) {
  PAW_TRY(teams, hub.store.users().teams());
  Rows rows;
  for (const store::Team& team : teams) rows.push_back({team.slug, team.name});
  return in_columns(rows);
}

Result<std::string> add_user(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(role, store::check_role(request.option("role")));
  PAW_TRY(team, its_team(hub, request));
  PAW_TRY(known, hub.store.users().find_user(request.option("email")));
  PAW_TRY(hash, hash_of_password(request));
  PAW_TRY(user, hub.store.users().add_user(request.option("email"), request.option("name"), hash, team,
                                           request.option("role")));
  return fmt::format("added user {} to team {}{}\n", printable(user.email), team.slug,
                     known ? ", with the name and the password of before" : "");
}

Result<std::string> list_users(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(team, its_team(hub, request));
  PAW_TRY(members, hub.store.users().members(team.team_id));
  Rows rows;
  for (const store::Member& member : members) rows.push_back({member.email, member.role, member.name});
  return in_columns(rows);
}

Result<std::string> set_role(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(team, its_team(hub, request));
  PAW_TRY(set, hub.store.users().set_role(request.option("email"), team, request.option("role")));
  return fmt::format("{} is now {} of team {}\n", printable(request.option("email")), request.option("role"),
                     team.slug);
}

Result<std::string> remove_user(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(team, its_team(hub, request));
  PAW_TRY(removed, hub.store.users().remove_member(request.option("email"), team));
  return fmt::format("removed {} from team {}\n", printable(request.option("email")), team.slug);
}

Result<std::string> set_password(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(hash, hash_of_password(request));
  PAW_TRY(set, hub.store.users().set_password(request.option("email"), hash));
  return fmt::format("changed the password of {}, who has to sign in again\n",
                     printable(request.option("email")));
}

std::string time_of(std::optional<std::int64_t> unix_ms, std::string_view otherwise) {
  return unix_ms ? rfc3339_utc(*unix_ms) : std::string(otherwise);
}

// The one time that the token is to be seen: stdout has it alone, for a script to keep.
Result<std::string> issue_token(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(team, its_team(hub, request));
  const std::string token = identity::new_opaque_token(identity::kMachinePrefix, *hub.environment.random);
  const auto hash = identity::opaque_token_hash(identity::kMachinePrefix, token);
  PAW_TRY(issued, hub.store.machine_tokens().issue(team, request.option("name"), *hash));
  return token + "\n";
}

Result<std::string> list_tokens(const Administered& hub, const AdminRequest& request) {
  std::optional<std::string> team_id;
  if (!request.option("team").empty()) {
    PAW_TRY(team, its_team(hub, request));
    team_id = team.team_id;
  }
  PAW_TRY(tokens, hub.store.machine_tokens().list(team_id));
  Rows rows;
  for (const store::MachineToken& token : tokens) {
    rows.push_back({token.token_id, token.team.slug, token.revoked_at_ms ? "revoked" : "valid",
                    time_of(token.created_at_ms, ""), time_of(token.last_used_at_ms, "never"), token.name});
  }
  return in_columns(rows);
}

Result<std::string> revoke_token(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(revoked, hub.store.machine_tokens().revoke(request.option("id")));
  return fmt::format("revoked token {}\n", printable(request.option("id")));
}

struct Verb {
  std::string_view name;
  std::initializer_list<std::string_view> needs;  // options that must not be empty
  Result<std::string> (*perform)(const Administered&, const AdminRequest&);
};

// Every verb; arguments.cc says how each is typed.
const Verb kVerbs[] = {
    {"team add", {"slug"}, add_team},
    {"team list", {}, list_teams},
    {"team close", {"slug"}, close_team},
    {"team invite", {"slug", "role", "days"}, invite},
    {"team invitations", {"slug"}, list_invitations},
    {"team withdraw", {"slug", "id"}, withdraw_invitation},
    {"user add", {"email", "team", "role"}, add_user},
    {"user list", {"team"}, list_users},
    {"user set-role", {"email", "team", "role"}, set_role},
    {"user remove", {"email", "team"}, remove_user},
    {"user password", {"email"}, set_password},
    {"token issue", {"team", "name"}, issue_token},
    {"token list", {}, list_tokens},
    {"token revoke", {"id"}, revoke_token},
    {"key list", {}, list_keys},
    {"key rotate", {}, rotate_keys},
    {"key retire", {"kid"}, retire_key},
    {"verify", {}, verify},
    {"rebuild", {}, rebuild},
    {"backup", {"file"}, back_up},
};

// What shows what there is, or how the command is to be typed.
std::string next_command(ErrorKind kind, const AdminRequest& request) {
  if (kind == ErrorKind::usage) {
    return fmt::format("pawprint-hub {} --help", request.verb);
  }
  if (kind == ErrorKind::io && request.verb == "backup") return typed("backup ANOTHER_FILE", request);
  if (kind != ErrorKind::failed) return "";
  const std::string_view group = std::string_view(request.verb).substr(0, request.verb.find(' '));
  if (request.verb == "backup") return typed("backup ANOTHER_FILE", request);
  if (request.verb == "team withdraw") {
    return typed("team invitations " + shell_word(request.option("slug")), request);
  }
  if (group == "user" && !request.option("team").empty()) {
    return typed("user list --team " + shell_word(request.option("team")), request);
  }
  if (group == "token" || group == "key") return typed(fmt::format("{} list", group), request);
  return typed("team list", request);
}

}  // namespace

bool takes_long(const AdminRequest& request) {
  constexpr std::array<std::string_view, 3> kLong{"verify", "rebuild", "backup"};
  return std::ranges::find(kLong, request.verb) != kLong.end();
}

Result<std::string> administer(const Administered& hub, const AdminRequest& request) {
  const auto* verb = std::ranges::find(kVerbs, request.verb, &Verb::name);
  if (verb == std::end(kVerbs)) {
    return fail(ErrorKind::usage, fmt::format("the hub knows no command \"{}\"", printable(request.verb)),
                "pawprint-hub --help");
  }
  for (const std::string_view option : verb->needs) {
    if (!request.option(option).empty()) continue;
    return fail(ErrorKind::usage, fmt::format("{}: {} is missing or empty", verb->name, option),
                fmt::format("pawprint-hub {} --help", verb->name));
  }
  auto outcome = verb->perform(hub, request);
  if (outcome) return outcome;
  Error error = hub.store.with_way_back(std::move(outcome).error());
  if (error.hint.empty()) {
    // What the command line says breaks a rule.
    if (error.kind == ErrorKind::invalid) error.kind = ErrorKind::usage;
    error.hint = next_command(error.kind, request);
  }
  return std::unexpected(std::move(error));
}

}  // namespace pawprint::hub
