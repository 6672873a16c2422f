// The account endpoints of a hub (docs/protocol.md, authentication), one exchange each. Nothing is stored
// here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_client.h"

namespace pawprint::signin {

struct TokenPair {
  std::string access;
  std::string refresh;
  std::int64_t access_lifetime_s = 0;
  std::int64_t refresh_lifetime_s = 0;
  std::string team_slug;  // empty if the hub named none
};

struct Team {
  std::string team_id;
  std::string slug;
};

struct Account {
  std::string user_id;
  std::string email;
  std::string name;
  std::vector<Team> teams;
  bool is_machine = false;  // a token of the hub's for a machine; its only team is the one it is bound to
};

struct Credentials {
  std::string username;
  std::string password;
  std::optional<std::string> team_slug;
};

// Kinds: `wrong_password`, `refused` (too many attempts, with the wait in the message; any other answer),
// `unreachable`.
Result<TokenPair> ask_for_tokens(net::HttpClient& http, std::string_view origin,
                                 const Credentials& credentials);

// `not_signed_in` is the hub's refusal of this token; `unreachable` is everything that decides nothing.
Result<TokenPair> exchange_refresh_token(net::HttpClient& http, std::string_view origin,
                                         std::string_view refresh);

// Kinds: `not_signed_in`, `refused`, `unreachable`.
Result<Account> ask_who_i_am(net::HttpClient& http, std::string_view origin, std::string_view access);

}  // namespace pawprint::signin
