#include "hub/access/web_sessions.h"

#include "hub/identity/opaque_token.h"

namespace pawprint::hub::access {
namespace {

constexpr std::string_view kWebPrefix = "pws_";

}  // namespace

std::string WebSessions::begin(const identity::Principal& principal, std::string_view email) {
  std::string cookie = identity::new_opaque_token(kWebPrefix, random_);
  const auto hash = identity::opaque_token_hash(kWebPrefix, cookie);
  const std::int64_t now_ms = clock_.monotonic_ms();
  const std::scoped_lock lock(mutex_);
  while (!by_age_.empty()) {
    const auto oldest = sessions_.find(by_age_.front());
    const bool needed = oldest != sessions_.end() && oldest->second.principal.ends_at_ms > now_ms;
    if (needed && sessions_.size() < kMaxWebSessions) break;
    if (oldest != sessions_.end()) sessions_.erase(oldest);
    by_age_.pop_front();
  }
  by_age_.push_back(*hash);
  WebSession& session = sessions_[*hash];
  session = {principal, std::string(email), hex(hmac_sha256(cookie, "form"))};
  session.principal.ends_at_ms = now_ms + kWebLifetimeSeconds * 1000;
  return cookie;
}

std::optional<WebSession> WebSessions::find(std::string_view cookie) {
  const auto hash = identity::opaque_token_hash(kWebPrefix, cookie);
  if (!hash) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  const auto found = sessions_.find(*hash);
  if (found == sessions_.end()) return std::nullopt;
  if (found->second.principal.ends_at_ms <= clock_.monotonic_ms()) return std::nullopt;
  return found->second;
}

void WebSessions::end(std::string_view cookie) {
  const auto hash = identity::opaque_token_hash(kWebPrefix, cookie);
  if (!hash) return;
  const std::scoped_lock lock(mutex_);
  sessions_.erase(*hash);
}

}  // namespace pawprint::hub::access
