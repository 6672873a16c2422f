// What the agent can be asked to do. Each verb takes its means and gives back one reply; none prints to
// stdout.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "agent/arguments.h"
#include "agent/console.h"
#include "agent/reply.h"
#include "base/environment.h"
#include "credentials/sessions.h"
#include "net/http_client.h"
#include "pawprint/warning.h"
#include "project/home.h"
#include "sync/uplink.h"

namespace pawprint::agent {

// Everything referred to outlives the verb.
struct Context {
  const Environment& environment;
  const project::Home& home;
  net::HttpClient& http;
  Console& console;
  sync::Waiter& waiter;
  const std::atomic<bool>& interrupted;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
  Warnings warnings;
  std::chrono::milliseconds wait_for_other_delivery{10'000};
  std::function<void(std::string_view text)> tell = {};  // what somebody must read now; safe to print

  credentials::SessionStore sessions() const { return {environment, home.directory}; }
};

// Delivers what is sendable, alone on this machine: a second one waits for the first (kind `busy`). Data:
// attempted, success, duplicate, parked, unknown, again, remaining, unlinked, ended, spilled
// (null if it could not be counted), stopped_by, asked and unreached (origins of hubs, in this delivery);
// also beside an error once the delivery has begun.
Result<Reply> deliver(Context& context, const Invocation& invocation);

// Data: origin, username, team_slug, team_id, user_id.
Result<Reply> login(Context& context, const Invocation& invocation);

// Ends the session that --server and --team select, on this machine. Data: origin, username, team_slug.
Result<Reply> logout(Context& context, const Invocation& invocation);

// Asks the hub. Data: origin, username, team_slug, team_id, user_id, email, name.
Result<Reply> whoami(Context& context, const Invocation& invocation);

// Tries the hub of each session, and the one that --server names, without signing in. Data: version, hubs:
// [{origin, reachable, problem}]. A hub that does not answer is no error.
Result<Reply> reach(Context& context, const Invocation& invocation);

// The data of login.
Reply signed_in(const credentials::Session& session);

// Asks the hub whose the token in PAWPRINT_TOKEN is. Data as of login; user_id is that of the links that it
// makes.
Result<Reply> token(Context& context, const Invocation& invocation);

// Runs the verb; an error becomes a reply.
Reply run(Context& context, const Invocation& invocation);

}  // namespace pawprint::agent
