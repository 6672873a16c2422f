#include "hub/access/access.h"

#include <algorithm>

#include "base/format.h"
#include "base/printable.h"
#include "base/sabotage.h"
#include "hub/identity/opaque_token.h"
#include "hub/identity/password.h"
#include "hub/identity/refresh_token.h"

namespace pawprint::hub::access {
namespace {

using identity::Principal;
using identity::RefreshDecision;
using store::Membership;

constexpr std::int64_t kBusyRetrySeconds = 1;
constexpr std::size_t kMaxEmailBytes = 254;  // RFC 5321: what a path leaves for an address

std::unexpected<Denied> unavailable() {
  return std::unexpected(
      Denied{Denial::unavailable, "the hub cannot reach its store now", kBusyRetrySeconds});
}

std::unexpected<Denied> wrong_password() {
  return std::unexpected(Denied{Denial::wrong_password, "wrong name or password", 0});
}

std::unexpected<Denied> not_a_member(Denial why, std::optional<std::string_view> team_slug) {
  return std::unexpected(Denied{
      why,
      team_slug ? fmt::format("you are no member of a team {}", printable(*team_slug)) : "you are in no team",
      0});
}

std::unexpected<Denied> rejected() {
  return std::unexpected(Denied{Denial::rejected, "the token is not valid any more", 0});
}

std::unexpected<Denied> throttled(std::int64_t wait_ms) {
  return std::unexpected(Denied{Denial::throttled, "too many attempts, try again later",
                                std::max<std::int64_t>(1, (wait_ms + 999) / 1000)});
}

// The first membership is the default one.
template <class Matches>
Answer<std::optional<Membership>> membership_of(store::Users& users, std::string_view user_id,
                                                Matches matches) {
  auto memberships = users.memberships(user_id);
  if (!memberships) return unavailable();
  const auto found = std::ranges::find_if(*memberships, matches);
  if (found == memberships->end()) return std::nullopt;
  return std::move(*found);
}

Answer<std::optional<Membership>> membership_in(store::Users& users, std::string_view user_id,
                                                std::optional<std::string_view> team_slug) {
  return membership_of(users, user_id,
                       [&](const Membership& one) { return !team_slug || one.team.slug == *team_slug; });
}

Principal principal_of(std::string_view user_id, const Membership& membership, std::string_view session_id) {
  return {std::string(user_id), membership.team.team_id, membership.team.slug, membership.role,
          std::string(session_id)};
}

}  // namespace

Access::Access(const Environment& environment, store::Store& store, const identity::Keys& keys)
    : clock_(*environment.clock),
      began_unix_ms_(clock_.unix_ms()),
      began_monotonic_ms_(clock_.monotonic_ms()),
      random_(*environment.random),
      store_(store),
      refresh_key_(keys.refresh_key),
      access_tokens_(keys, *environment.clock, *environment.random),
      throttle_(*environment.clock),
      tickets_(*environment.clock, *environment.random),
      web_sessions_(*environment.clock, *environment.random),
      devices_(*environment.clock, *environment.random),
      code_throttle_(*environment.clock) {}

Answer<store::User> Access::user_with_password(std::string_view email, std::string_view password,
                                               std::string_view address) {
  if (email.size() > kMaxEmailBytes) return wrong_password();
  if (const std::int64_t wait_ms = throttle_.wait_ms(email, address); wait_ms > 0) return throttled(wait_ms);
  const auto user = store_.users().find_user(email);
  if (!user) return unavailable();
  const auto right = is_right_password(*user, password);
  if (!right) return std::unexpected(right.error());
  if (!*right) {
    throttle_.failed(email, address);
    return wrong_password();
  }
  throttle_.succeeded(email, address);
  return **user;
}

Answer<TokenPair> Access::login(std::string_view email, std::string_view password,
                                std::optional<std::string_view> team_slug, std::string_view address) {
  const auto user = user_with_password(email, password, address);
  if (!user) return std::unexpected(user.error());
  const auto membership = membership_in(store_.users(), user->user_id, team_slug);
  if (!membership) return std::unexpected(membership.error());
  if (!*membership) return not_a_member(Denial::wrong_password, team_slug);
  return begin_session(user->user_id, **membership);
}

// For an unknown user the same work is done.
Answer<bool> Access::is_right_password(const std::optional<store::User>& user, std::string_view password) {
  const auto pass = gate_.enter();
  if (!pass) return throttled(kBusyRetrySeconds * 1000);
  const auto hash = user ? std::optional(user->password_hash) : std::nullopt;
  const auto matches = identity::password_matches(hash, password);
  if (!matches)
    return std::unexpected(Denied{Denial::unavailable, matches.error().message, kBusyRetrySeconds});
  return *matches;
}

Answer<TokenPair> Access::begin_session(std::string_view user_id, const Membership& membership) {
  std::string token = identity::new_refresh_token(random_);
  const std::int64_t expires_at_ms = clock_.unix_ms() + identity::kRefreshLifetimeSeconds * 1000;
  const auto hash = identity::refresh_token_hash(token);
  const auto family = store_.sessions().begin(user_id, membership.team.team_id, *hash, expires_at_ms);
  if (!family) return unavailable();
  return pair(principal_of(user_id, membership, family->family_id), std::move(token));
}

Answer<TokenPair> Access::switch_team(const Principal& principal, std::string_view team_slug) {
  const auto going_on = store_.sessions().is_going_on(principal.session_id);
  if (!going_on) return unavailable();
  if (!*going_on) return rejected();
  const auto membership = membership_in(store_.users(), principal.user_id, team_slug);
  if (!membership) return std::unexpected(membership.error());
  if (!*membership) return not_a_member(Denial::not_a_member, team_slug);
  if ((*membership)->team.team_id == principal.team_id) {
    return std::unexpected(Denied{Denial::not_a_member, "the session is one of that team already", 0});
  }
  return begin_session(principal.user_id, **membership);
}

Answer<void> Access::revoke(std::string_view refresh_token) {
  const auto hash = identity::refresh_token_hash(refresh_token);
  if (!hash) return {};
  const auto known = store_.sessions().find(*hash);
  if (!known) return unavailable();
  if (*known && !store_.sessions().revoke((*known)->family.family_id)) return unavailable();
  return {};
}

// A clock that is set ahead under the hub ends no session: what has passed since it began is known (ADR
// 0019).
std::int64_t Access::now_for_sessions_ms() const {
  const std::int64_t now_ms = clock_.unix_ms();
  if (sabotaged("sessions-by-wall-clock")) return now_ms;
  return std::min(now_ms, began_unix_ms_ + clock_.monotonic_ms() - began_monotonic_ms_);
}

Answer<TokenPair> Access::refresh(std::string_view refresh_token) {
  const auto hash = identity::refresh_token_hash(refresh_token);
  if (!hash) return rejected();
  const auto known = store_.sessions().find(*hash);
  if (!known) return unavailable();
  if (!*known) return rejected();
  const identity::TokenRecord record{(*known)->revoked, (*known)->expires_at_ms,
                                     (*known)->successor_used_at_ms};
  switch (identity::decide_refresh(record, now_for_sessions_ms())) {
    case RefreshDecision::issue_successor:
      return continue_session(**known, refresh_token);
    case RefreshDecision::revoke_family:
      if (!store_.sessions().revoke((*known)->family.family_id)) return unavailable();
      return rejected();
    case RefreshDecision::reject:
      break;
  }
  return rejected();
}

Answer<TokenPair> Access::continue_session(const store::RefreshToken& known, std::string_view refresh_token) {
  auto membership = membership_of(store_.users(), known.family.user_id, [&](const Membership& one) {
    return one.team.team_id == known.family.team_id;
  });
  if (!membership) return std::unexpected(membership.error());
  if (!*membership) return rejected();
  std::string successor = identity::successor_of(refresh_key_, refresh_token);
  const auto hash = identity::refresh_token_hash(successor);
  std::int64_t expires_at_ms = clock_.unix_ms() + identity::kRefreshLifetimeSeconds * 1000;
  // At least as long as the one that it follows: a clock that is behind for a while shortens no session.
  if (!sabotaged("sessions-by-wall-clock")) expires_at_ms = std::max(expires_at_ms, known.expires_at_ms);
  const auto exchanged = store_.sessions().exchange(known.hash, *hash, now_for_sessions_ms(), expires_at_ms);
  if (!exchanged) return unavailable();
  if (!*exchanged) return rejected();
  return pair(principal_of(known.family.user_id, **membership, known.family.family_id), std::move(successor));
}

Answer<Principal> Access::authenticate(std::string_view access_token) {
  if (access_token.starts_with(identity::kMachinePrefix)) return authenticate_machine(access_token);
  auto principal = access_tokens_.verify(access_token);
  if (!principal) return std::unexpected(Denied{Denial::rejected, principal.error().message, 0});
  return *std::move(principal);
}

Answer<Principal> Access::authenticate_machine(std::string_view token) {
  const auto hash = identity::opaque_token_hash(identity::kMachinePrefix, token);
  if (!hash) return rejected();
  const auto known = store_.machine_tokens().find(*hash);
  if (!known) return unavailable();
  if (!*known || (*known)->revoked_at_ms) return rejected();
  const store::MachineToken& machine = **known;
  Principal principal{machine.token_id, machine.team.team_id, machine.team.slug,
                      std::string(store::kRoleMember)};
  principal.is_machine = true;
  return principal;
}

TokenPair Access::pair(const Principal& principal, std::string refresh_token) {
  return {access_tokens_.issue(principal),   std::move(refresh_token), identity::kAccessLifetimeSeconds,
          identity::kRefreshLifetimeSeconds, principal.team_slug,      principal.session_id};
}

}  // namespace pawprint::hub::access
