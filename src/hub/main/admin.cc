#include "hub/main/admin.h"

#include "base/format.h"
#include "hub/identity/password.h"
#include "hub/main/data_directory.h"

namespace pawprint::hub {
namespace {

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<std::string> add_team(const Environment& environment, const AddTeam& wanted) {
  PAW_TRY(data, open_data_directory(environment, wanted.data));
  PAW_TRY(team, data.store->users().add_team(wanted.slug, wanted.name));
  return fmt::format("added team {}", team.slug);
}

Result<std::string> add_user(const Environment& environment, const AddUser& wanted,
                             std::string_view password) {
  if (!store::is_role(wanted.role)) {
    return fail(ErrorKind::usage, fmt::format("--role {}: not viewer, member or admin", wanted.role),
                "pawprint-hub user add --help");
  }
  PAW_TRY(data, open_data_directory(environment, wanted.data));
  store::Users& users = data.store->users();
  PAW_TRY(team, users.find_team(wanted.team_slug));
  if (!team) {
    return fail(ErrorKind::failed,
                fmt::format("cannot add {}: there is no team {}", wanted.email, wanted.team_slug),
                fmt::format("pawprint-hub team add {} --data {}", wanted.team_slug, wanted.data.string()));
  }
  PAW_TRY(hash, identity::hash_password(without_line_end(password)));
  PAW_TRY(user, users.add_user(wanted.email, wanted.name, hash, *team, wanted.role));
  return fmt::format("added user {} to team {}", user.email, team->slug);
}

}  // namespace pawprint::hub
