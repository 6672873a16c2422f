// Being signed in to a hub: login, logout, and an access token that is fresh when it is needed.
// Tokens are sent to the origin that issued them and to no other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "credentials/machine_token.h"
#include "credentials/sessions.h"
#include "net/http_client.h"
#include "signin/hub_account.h"

namespace pawprint::signin {

// Asks the hub for tokens, learns user and team, and keeps the session. `origin` is a normalised one. Blocks
// for two exchanges. Kinds: `wrong_password`, `refused` (in the hub's words), `unreachable`, and those of the
// store; with an error nothing is kept.
Result<credentials::Session> login(const Environment& environment, net::HttpClient& http,
                                   credentials::SessionStore& store, std::string_view origin,
                                   const Credentials& credentials);

// Learns user and team of tokens that were just issued, and keeps the session; without a user name, under the
// account's e-mail address. Errors as of `login`.
Result<credentials::Session> keep_session(const Environment& environment, net::HttpClient& http,
                                          credentials::SessionStore& store, std::string_view origin,
                                          const TokenPair& tokens, std::optional<std::string_view> username);

// What the hub says of a token of the environment, as a session of it that is kept nowhere. Kinds:
// `not_signed_in` if the hub does not take it, `refused` if it is no machine's, `unreachable`.
Result<credentials::Session> session_of_machine(net::HttpClient& http,
                                                const credentials::MachineToken& token);

// Ends the session on this machine. false: it was not there. Waits for a refresh that is under way.
Result<bool> logout(credentials::SessionStore& store, const credentials::Session& session);

enum class RefreshOutcome {
  refreshed,  // the session holds a fresh access token, ours or one that another process fetched meanwhile
  rejected,   // the hub refused the token that was on disk, which is signed out now; or somebody logged out
  unknown,    // no answer that decides anything; the session stays as it is
};

// One session in use. Not thread-safe; any number of processes may use the same session.
class SignIn {
 public:
  // Everything referred to must outlive this object.
  SignIn(const Environment& environment, net::HttpClient& http, credentials::SessionStore& store,
         credentials::Session session);

  // Whether the session is still kept on this machine. Reads the file.
  Result<bool> is_authenticated() const;

  // A token that is good for 30 s at least, refreshed if needed; if the hub cannot be asked, one that has not
  // expired yet will do. Kinds: `not_signed_in`, `unreachable`, and those of the store.
  Result<std::string> access_token();

  // Fetches a new access token, unless another process has done so since this object last looked. One refresh
  // at a time on the machine.
  Result<RefreshOutcome> refresh();

  // Why the last refresh was `unknown`, one line for people.
  const std::string& why_unknown() const { return why_unknown_; }
  const std::string& team_slug() const { return session_.team_slug; }
  const std::string& origin() const { return session_.origin; }

 private:
  Result<std::optional<credentials::Session>> on_disk() const;
  Result<RefreshOutcome> rejected(std::string_view sent_refresh);
  std::int64_t seconds_left() const;
  Error signed_out() const;

  const Environment* environment_;
  net::HttpClient* http_;
  credentials::SessionStore* store_;
  credentials::Session session_;
  std::string why_unknown_;
};

}  // namespace pawprint::signin
