// The part of Access that lets invited people in.
#include <algorithm>

#include "hub/access/access.h"
#include "hub/identity/opaque_token.h"
#include "hub/identity/password.h"

namespace pawprint::hub::access {
namespace {

std::unexpected<Denied> denied(Denial why, std::string_view message) {
  return std::unexpected(Denied{why, std::string(message), why == Denial::unavailable ? 1 : 0});
}

std::unexpected<Denied> does_not_hold() {
  return denied(Denial::rejected, "the invitation does not hold (any more)");
}

std::unexpected<Denied> no_store() {
  return denied(Denial::unavailable, "the hub cannot reach its store now");
}

bool same_email(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

Result<IssuedInvitation> Access::invite(const store::NewInvitation& wanted) {
  std::string secret = identity::new_opaque_token(identity::kInvitationPrefix, random_);
  const auto hash = identity::opaque_token_hash(identity::kInvitationPrefix, secret);
  PAW_TRY(invitation, store_.invitations().issue(wanted, *hash));
  return IssuedInvitation{std::move(secret), std::move(invitation)};
}

// Guesses are counted per address.
Answer<store::Invitation> Access::invitation_of(std::string_view secret, std::string_view email,
                                                std::string_view address) {
  if (const std::int64_t wait_ms = code_throttle_.wait_ms("", address); wait_ms > 0) {
    return std::unexpected(
        Denied{Denial::throttled, "too many attempts, try again later", wait_ms / 1000 + 1});
  }
  const auto hash = identity::opaque_token_hash(identity::kInvitationPrefix, secret);
  auto known =
      hash ? store_.invitations().find(*hash) : Result<std::optional<store::Invitation>>(std::nullopt);
  if (!known) return no_store();
  const bool holds = *known && !(*known)->used_at_ms && (*known)->expires_at_ms > clock_.unix_ms() &&
                     (*known)->is_backed && ((*known)->email.empty() || same_email((*known)->email, email));
  if (holds) return **std::move(known);
  code_throttle_.failed("", address);
  return does_not_hold();
}

Answer<TokenPair> Access::use_invitation(std::string_view secret, const store::Invitation& invitation,
                                         const store::NewMember& member, store::Invitations::Guest guest) {
  const auto hash = identity::opaque_token_hash(identity::kInvitationPrefix, secret);
  const auto user = store_.invitations().accept(*hash, member, guest);
  if (!user && user.error().kind == ErrorKind::failed)
    return denied(Denial::not_a_member, user.error().message);
  if (!user && user.error().kind == ErrorKind::invalid) return denied(Denial::unusable, user.error().message);
  if (!user) return no_store();
  return begin_session(user->user_id, {invitation.team, invitation.role, false});
}

Answer<TokenPair> Access::accept_as_newcomer(std::string_view secret, const Newcomer& newcomer,
                                             std::string_view address) {
  const auto invitation = invitation_of(secret, newcomer.email, address);
  if (!invitation) return std::unexpected(invitation.error());
  const auto known = store_.users().find_user(newcomer.email);
  if (!known) return no_store();
  if (*known) {
    return denied(Denial::known_user, "there is a user of this address: sign in, and join as that user");
  }
  const auto pass = gate_.enter();
  if (!pass) return std::unexpected(Denied{Denial::throttled, "too many attempts, try again later", 1});
  const auto password_hash = identity::hash_password(newcomer.password);
  if (!password_hash && password_hash.error().kind == ErrorKind::invalid) {
    return denied(Denial::unusable, password_hash.error().message);
  }
  if (!password_hash) return denied(Denial::unavailable, password_hash.error().message);
  return use_invitation(secret, *invitation, {newcomer.email, newcomer.name, *password_hash},
                        store::Invitations::Guest::newcomer);
}

Answer<TokenPair> Access::accept_with_password(std::string_view secret, std::string_view email,
                                               std::string_view password, std::string_view address) {
  const auto invitation = invitation_of(secret, email, address);
  if (!invitation) return std::unexpected(invitation.error());
  const auto user = user_with_password(email, password, address);
  if (!user) return std::unexpected(user.error());
  return use_invitation(secret, *invitation, {user->email, user->name, user->password_hash},
                        store::Invitations::Guest::user);
}

Answer<TokenPair> Access::accept_as_user(std::string_view secret, const identity::Principal& principal,
                                         std::string_view address) {
  const auto now = look_again(principal);
  if (!now) return std::unexpected(now.error());
  const auto user = store_.users().find_user_by_id(principal.user_id);
  if (!user) return no_store();
  if (!*user) return does_not_hold();
  const auto invitation = invitation_of(secret, (*user)->email, address);
  if (!invitation) return std::unexpected(invitation.error());
  return use_invitation(secret, *invitation, {(*user)->email, (*user)->name, (*user)->password_hash},
                        store::Invitations::Guest::user);
}

}  // namespace pawprint::hub::access
