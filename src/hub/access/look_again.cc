#include <utility>

#include "base/sabotage.h"
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

Answer<void> Access::note_use(const identity::Principal& machine) {
  if (!store_.machine_tokens().note_use(machine.user_id)) return unavailable();
  return {};
}

Answer<identity::Principal> Access::look_again(const identity::Principal& principal) {
  identity::Principal now = principal;
  if (!now.kid.empty() && !access_tokens_.counts(now.kid)) return rejected();
  if (principal.is_machine) {
    const auto valid = store_.machine_tokens().is_valid(principal.user_id);
    if (!valid) return unavailable();
    if (!*valid) return rejected();
    return now;
  }
  if (principal.ends_at_ms != 0 && principal.ends_at_ms <= clock_.monotonic_ms()) return rejected();
  if (sabotaged("role-from-token")) return now;
  auto role = store_.users().role_in(principal.team_id, principal.user_id, principal.session_id);
  if (!role) return unavailable();
  if (!*role) return rejected();
  now.role = std::move(**role);
  return now;
}

}  // namespace pawprint::hub::access
