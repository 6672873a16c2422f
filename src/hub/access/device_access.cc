// The part of Access that serves devices and the people who decide about them on the hub's pages.
#include <algorithm>

#include "hub/access/access.h"

namespace pawprint::hub::access {
namespace {

constexpr std::int64_t kCrowdedRetrySeconds = 60;

std::unexpected<Denied> no_such_code() {
  return std::unexpected(Denied{Denial::rejected, "no machine waits under this code (any more)", 0});
}

}  // namespace

Answer<std::string> Access::begin_web_session(std::string_view email, std::string_view password,
                                              std::string_view address) {
  const auto pair = login(email, password, std::nullopt, address);
  if (!pair) return std::unexpected(pair.error());
  auto principal = authenticate(pair->access);
  if (!principal) return std::unexpected(principal.error());
  principal->kid.clear();  // a password vouched for the cookie, and no key
  return web_sessions_.begin(*principal, email);
}

Answer<WebSession> Access::web_session(std::string_view cookie) {
  auto session = web_sessions_.find(cookie);
  if (!session) return std::unexpected(Denied{Denial::rejected, "sign in first", 0});
  auto now = look_again(session->principal);
  if (!now) return std::unexpected(now.error());
  session->principal = *std::move(now);
  return *std::move(session);
}

Answer<void> Access::end_web_session(std::string_view cookie) {
  const auto session = web_sessions_.find(cookie);
  web_sessions_.end(cookie);
  if (session && !store_.sessions().revoke(session->principal.session_id)) {
    return std::unexpected(Denied{Denial::unavailable, "the hub cannot reach its store now", 1});
  }
  return {};
}

Answer<DeviceCodes> Access::begin_device(DeviceRequest request) {
  auto codes = devices_.begin(std::move(request));
  if (codes) return *std::move(codes);
  return std::unexpected(Denied{Denial::throttled, "too many machines wait to be signed in, try again later",
                                kCrowdedRetrySeconds});
}

Answer<DeviceRequest> Access::device_waiting(const WebSession& session, std::string_view user_code,
                                             std::string_view address) {
  const std::string& who = session.principal.user_id;
  if (const std::int64_t wait_ms = code_throttle_.wait_ms(who, address); wait_ms > 0) {
    return std::unexpected(Denied{
        Denial::throttled, "too many codes that nobody waits under, try again later", wait_ms / 1000 + 1});
  }
  auto request = devices_.find(user_code);
  if (request) return *std::move(request);
  code_throttle_.failed(who, address);
  return no_such_code();
}

Answer<void> Access::approve_device(const WebSession& session, std::string_view user_code,
                                    std::string_view team_slug, std::string_view address) {
  const auto waiting = device_waiting(session, user_code, address);
  if (!waiting) return std::unexpected(waiting.error());
  const auto memberships = store_.users().memberships(session.principal.user_id);
  if (!memberships) {
    return std::unexpected(Denied{Denial::unavailable, "the hub cannot reach its store now", 1});
  }
  const auto team = std::ranges::find_if(
      *memberships, [&](const store::Membership& one) { return one.team.slug == team_slug; });
  if (team == memberships->end()) {
    return std::unexpected(Denied{Denial::not_a_member, "you are no member of this team", 0});
  }
  if (!devices_.decide(user_code, DeviceApproval{session.principal.user_id, team->team.team_id})) {
    return no_such_code();
  }
  return {};
}

Answer<void> Access::deny_device(const WebSession& session, std::string_view user_code,
                                 std::string_view address) {
  const auto waiting = device_waiting(session, user_code, address);
  if (!waiting) return std::unexpected(waiting.error());
  if (!devices_.decide(user_code, std::nullopt)) return no_such_code();
  return {};
}

DeviceAnswer Access::poll_device(std::string_view device_code) {
  const DevicePoll poll = devices_.poll(device_code);
  if (poll.state != DeviceState::approved) return poll.state;
  const Denied unavailable{Denial::unavailable, "the hub cannot reach its store now", 1};
  const auto memberships = store_.users().memberships(poll.approval.user_id);
  if (!memberships) return unavailable;
  const auto team = std::ranges::find_if(
      *memberships, [&](const store::Membership& one) { return one.team.team_id == poll.approval.team_id; });
  if (team == memberships->end()) return DeviceState::denied;
  if (!poll.former_session.empty() && !store_.sessions().revoke(poll.former_session)) return unavailable;
  auto pair = begin_session(poll.approval.user_id, *team);
  if (!pair) return pair.error();
  devices_.note_session(device_code, pair->session_id);
  return *std::move(pair);
}

}  // namespace pawprint::hub::access
