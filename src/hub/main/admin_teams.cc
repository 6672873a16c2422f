#include "hub/main/admin_teams.h"

#include <charconv>

#include "base/format.h"
#include "base/printable.h"
#include "base/shell_word.h"
#include "hub/identity/opaque_token.h"
#include "hub/main/columns.h"

namespace pawprint::hub {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

Result<std::int64_t> days_of(std::string_view text) {
  std::int64_t days = 0;
  const auto [stopped, code] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (code == std::errc{} && stopped == text.data() + text.size() && days >= 1 && days <= 30) return days;
  return fail(ErrorKind::usage, fmt::format("--days {}: not a number from 1 to 30", printable(text)));
}

std::string_view state_of(const store::Invitation& invitation, std::int64_t now_ms) {
  if (invitation.used_at_ms) return "used";
  if (invitation.expires_at_ms <= now_ms) return "expired";
  return invitation.is_backed ? "open" : "void";
}

}  // namespace

Result<store::Team> team_named(const Administered& hub, std::string_view slug, const AdminRequest& request) {
  PAW_TRY(team, hub.store.users().find_team(slug));
  if (team) return *team;
  PAW_TRY(teams, hub.store.users().teams());
  return fail(ErrorKind::failed, fmt::format("there is no team {}", printable(slug)),
              typed(teams.empty() ? "team add " + shell_word(slug) : "team list", request));
}

// The one time that it is to be seen: stdout has it alone.
Result<std::string> invite(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(team, team_named(hub, request.option("slug"), request));
  PAW_TRY(days, days_of(request.option("days")));
  const std::string secret = identity::new_opaque_token(identity::kInvitationPrefix, *hub.environment.random);
  const auto hash = identity::opaque_token_hash(identity::kInvitationPrefix, secret);
  PAW_TRY(issued, hub.store.invitations().issue({.team = team,
                                                 .role = request.option("role"),
                                                 .email = request.option("email"),
                                                 .lifetime_ms = days * kDayMs,
                                                 .inviter_id = ""},
                                                *hash));
  return secret + "\n";
}

Result<std::string> list_invitations(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(team, team_named(hub, request.option("slug"), request));
  PAW_TRY(all, hub.store.invitations().list(team.team_id));
  const std::int64_t now_ms = hub.environment.clock->unix_ms();
  Rows rows;
  for (const store::Invitation& one : all) {
    rows.push_back({one.invitation_id, std::string(state_of(one, now_ms)), one.role,
                    rfc3339_utc(one.expires_at_ms), one.email.empty() ? "anybody" : one.email});
  }
  return in_columns(rows);
}

Result<std::string> withdraw_invitation(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(team, team_named(hub, request.option("slug"), request));
  PAW_TRY(withdrawn, hub.store.invitations().withdraw(team.team_id, request.option("id")));
  if (withdrawn) return fmt::format("withdrew invitation {}\n", printable(request.option("id")));
  return fail(ErrorKind::failed,
              fmt::format("team {} has no open invitation {}", team.slug, printable(request.option("id"))));
}

Result<std::string> close_team(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(team, team_named(hub, request.option("slug"), request));
  PAW_TRY(closed, hub.store.users().close_team(team));
  return fmt::format("closed team {}: nobody belongs to it, its tokens are worthless; its log stays\n",
                     team.slug);
}

}  // namespace pawprint::hub
