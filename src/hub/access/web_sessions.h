// Who is signed in on the hub's pages, by a cookie.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock_source.h"
#include "base/hash.h"
#include "base/random.h"
#include "hub/identity/access_token.h"

namespace pawprint::hub::access {

inline constexpr std::int64_t kWebLifetimeSeconds = 3600;
inline constexpr std::size_t kMaxWebSessions = 10'000;  // one more ends the oldest

struct WebSession {
  identity::Principal principal;  // says when it ends
  std::string email;
  std::string form_token;  // what every form of theirs must bring back; derived from the cookie
};

// Thread-safe. In memory, hashes only: after a restart of the hub people sign in again. Clock and random
// outlive it.
class WebSessions {
 public:
  WebSessions(ClockSource& clock, Random& random) : clock_(clock), random_(random) {}

  // The cookie's value: "pws_" and 32 bytes as base64url.
  std::string begin(const identity::Principal& principal, std::string_view email);
  std::optional<WebSession> find(std::string_view cookie);  // nullopt: unknown, ended or expired
  void end(std::string_view cookie);

 private:
  ClockSource& clock_;
  Random& random_;
  std::mutex mutex_;
  std::map<Digest, WebSession> sessions_;
  std::deque<Digest> by_age_;
};

}  // namespace pawprint::hub::access
