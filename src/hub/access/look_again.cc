#include <algorithm>

#include "hub/access/access.h"

namespace pawprint::hub::access {
namespace {

std::unexpected<Denied> unavailable() {
  return std::unexpected(Denied{Denial::unavailable, "the hub cannot reach its store now", 1});
}

std::unexpected<Denied> rejected() {
  return std::unexpected(Denied{Denial::rejected, "the token is not valid any more", 0});
}

}  // namespace

Answer<identity::Principal> Access::redeem_ticket(std::string_view ticket) {
  const auto principal = tickets_.redeem(ticket);
  if (!principal) return rejected();
  return look_again(*principal);
}

Answer<identity::Principal> Access::look_again(const identity::Principal& principal) {
  identity::Principal now = principal;
  if (principal.is_machine) {
    const auto valid = store_.machine_tokens().is_valid(principal.user_id);
    if (!valid) return unavailable();
    if (!*valid) return rejected();
    return now;
  }
  if (!principal.session_id.empty()) {
    const auto going_on = store_.sessions().is_going_on(principal.session_id);
    if (!going_on) return unavailable();
    if (!*going_on) return rejected();
  }
  const auto memberships = store_.users().memberships(principal.user_id);
  if (!memberships) return unavailable();
  const auto membership = std::ranges::find_if(
      *memberships, [&](const store::Membership& one) { return one.team.team_id == principal.team_id; });
  if (membership == memberships->end()) return rejected();
  now.role = membership->role;
  return now;
}

}  // namespace pawprint::hub::access
