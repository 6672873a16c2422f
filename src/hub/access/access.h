// Signing in and staying signed in: the store's users and sessions together with the rules of identity.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "hub/access/device_grants.h"
#include "hub/access/password_gate.h"
#include "hub/access/throttle.h"
#include "hub/access/web_sessions.h"
#include "hub/access/ws_tickets.h"
#include "hub/identity/access_token.h"
#include "hub/identity/keys.h"
#include "hub/store/store.h"

namespace pawprint::hub::access {

// Why there are no tokens, with the HTTP status that says so. A fault of ours is never a 401: clients throw
// their credentials away on that.
enum class Denial {
  wrong_password,  // 401: unknown user, wrong password, or no member of the team named
  rejected,        // 401: the token is unknown, expired, revoked or replayed
  not_a_member,    // 403: the user belongs to no such team, whether it exists or not
  known_user,      // 409: whoever says to be new is not
  unusable,        // 400: an address that is none, or an empty password, for a new user
  throttled,       // 429
  unavailable      // 503: the store failed, or there was no memory; nothing is known about the credentials
};

struct Denied {
  Denial why = Denial::unavailable;
  std::string message;
  std::int64_t retry_after_seconds = 0;  // for throttled and unavailable
};

template <class T>
using Answer = std::expected<T, Denied>;

struct TokenPair {
  std::string access;
  std::string refresh;
  std::int64_t access_lifetime_seconds = 0;
  std::int64_t refresh_lifetime_seconds = 0;
  std::string team_slug;
  std::string session_id;
};

struct IssuedInvitation {
  std::string secret;  // "pin_" and 32 bytes as base64url; to be seen this once
  store::Invitation invitation;
};

struct Newcomer {
  std::string_view email;
  std::string_view name;
  std::string_view password;
};

// Tokens, why there are none yet or never will be, or that the hub cannot tell now.
using DeviceAnswer = std::variant<TokenPair, DeviceState, Denied>;

// Thread-safe if the environment's clock and random are. Store and environment outlive it.
class Access {
 public:
  Access(const Environment& environment, store::Store& store, const identity::Keys& keys);

  // What the hub signs with from now on, and whose signatures count.
  void use_keys(const identity::Keys& keys) { access_tokens_.use(keys); }

  // Without a team: the user's default one. `address` is where the request comes from. Blocks for a password
  // check (15 ms, at most two at once).
  Answer<TokenPair> login(std::string_view email, std::string_view password,
                          std::optional<std::string_view> team_slug, std::string_view address);
  Answer<TokenPair> refresh(std::string_view refresh_token);

  // A new session of the same user in another of their teams; the one that `principal` belongs to goes on. It
  // must not have been revoked: `rejected`.
  Answer<TokenPair> switch_team(const identity::Principal& principal, std::string_view team_slug);

  // Ends the session that a refresh token belongs to, every token of it (RFC 7009). A token that is none of
  // ours is no error.
  Answer<void> revoke(std::string_view refresh_token);

  // Who a bearer token says that it speaks for; `rejected` if it is none of ours or has expired. Whether they
  // still are who it says, look_again() knows: the disk is touched for the token of a machine only, which is
  // looked up.
  Answer<identity::Principal> authenticate(std::string_view access_token);

  // Signing in on the hub's pages: the cookie's value. Blocks as `login` does, and is throttled with it.
  Answer<std::string> begin_web_session(std::string_view email, std::string_view password,
                                        std::string_view address);
  // Whose cookie it is, as they are now; `rejected` if nobody's.
  Answer<WebSession> web_session(std::string_view cookie);
  Answer<void> end_web_session(std::string_view cookie);

  // The device grant (RFC 8628). `throttled`: too many devices wait.
  Answer<DeviceCodes> begin_device(DeviceRequest request);
  // Who waits under the code that somebody typed. `rejected`: nobody does; after ten of these in 15 minutes
  // from one user and address, `throttled`. The same holds for the two decisions.
  Answer<DeviceRequest> device_waiting(const WebSession& session, std::string_view user_code,
                                       std::string_view address);
  // In a team that must be one of theirs, else `not_a_member`.
  Answer<void> approve_device(const WebSession& session, std::string_view user_code,
                              std::string_view team_slug, std::string_view address);
  Answer<void> deny_device(const WebSession& session, std::string_view user_code, std::string_view address);
  DeviceAnswer poll_device(std::string_view device_code);

  // Errors of Invitations::issue.
  Result<IssuedInvitation> invite(const store::NewInvitation& wanted);
  // Into the team, as a user with a password of their own. `rejected`: the invitation is none, was used, has
  // expired, is for another address, or whoever made it does not own the team any more; `known_user`: there
  // is a user of that address; `unusable`: address or password cannot be one. Ten invitations that do not
  // hold in 15 minutes from one address: `throttled`. Blocks as `login`.
  Answer<TokenPair> accept_as_newcomer(std::string_view secret, const Newcomer& newcomer,
                                       std::string_view address);
  // As the user whose address and password these are, also of one who is in no team. As login() and
  // accept_as_user().
  Answer<TokenPair> accept_with_password(std::string_view secret, std::string_view email,
                                         std::string_view password, std::string_view address);
  // As the user they are; a member already: `not_a_member`.
  Answer<TokenPair> accept_as_user(std::string_view secret, const identity::Principal& principal,
                                   std::string_view address);

  // A ticket for one upgrade to the live channel, for whom `principal` is.
  std::string issue_ticket(const identity::Principal& principal) { return tickets_.issue(principal); }
  // Whose ticket it is, as they are now; `rejected` if it is none, was used, has expired, or was revoked.
  Answer<identity::Principal> redeem_ticket(std::string_view ticket);

  // Somebody who was authenticated a while ago, as they are now; `rejected` if their session or token was
  // revoked, the key that signed it retired, their session on the pages has come to its end, or they left the
  // team.
  Answer<identity::Principal> look_again(const identity::Principal& principal);

  // That the token of a machine was used now, for who lists tokens. Blocks for the store's writer once a
  // minute.
  Answer<void> note_use(const identity::Principal& machine);

 private:
  Answer<store::User> user_with_password(std::string_view email, std::string_view password,
                                         std::string_view address);
  Answer<bool> is_right_password(const std::optional<store::User>& user, std::string_view password);
  Answer<TokenPair> begin_session(std::string_view user_id, const store::Membership& membership);
  Answer<TokenPair> continue_session(const store::RefreshToken& known, std::string_view refresh_token);
  Answer<identity::Principal> authenticate_machine(std::string_view token);
  Answer<store::Invitation> invitation_of(std::string_view secret, std::string_view email,
                                          std::string_view address);
  Answer<TokenPair> use_invitation(std::string_view secret, const store::Invitation& invitation,
                                   const store::NewMember& member, store::Invitations::Guest guest);
  TokenPair pair(const identity::Principal& principal, std::string refresh_token);
  std::int64_t now_for_sessions_ms() const;

  ClockSource& clock_;
  const std::int64_t began_unix_ms_, began_monotonic_ms_;
  Random& random_;
  store::Store& store_;
  std::string refresh_key_;
  identity::AccessTokens access_tokens_;
  Throttle throttle_;
  PasswordGate gate_;
  WsTickets tickets_;
  WebSessions web_sessions_;
  DeviceGrants devices_;
  Throttle code_throttle_;
};

}  // namespace pawprint::hub::access
