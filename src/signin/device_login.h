// Signing in where nobody can be asked for a password: somebody approves it on the hub's page (RFC 8628).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "signin/signin.h"

namespace pawprint::signin {

struct DeviceWish {
  std::string origin;   // a normalised one
  std::string machine;  // what the page is to call this machine
  std::optional<std::string> team_slug;
};

// What somebody needs in order to approve; the hub's words, not safe to print as they are.
struct DeviceCode {
  std::string user_code;
  std::string verification_uri;           // an http(s) URL
  std::string verification_uri_complete;  // with the code in it; empty if the hub gave none
  std::int64_t expires_in_s = 0;
};

// How a program shows the code, once, and waits between two questions to the hub; false: it was interrupted.
struct DeviceConversation {
  std::function<void(const DeviceCode&)> show;
  std::function<bool(std::chrono::milliseconds)> wait;
};

// Blocks until somebody has decided, or the code has expired. A hub that does not answer is asked again, more
// seldom. Kinds: `not_signed_in` (denied, expired), `interrupted`, and those of `login`.
Result<credentials::Session> login_by_device(const Environment& environment, net::HttpClient& http,
                                             credentials::SessionStore& store, const DeviceWish& wish,
                                             const DeviceConversation& conversation);

}  // namespace pawprint::signin
