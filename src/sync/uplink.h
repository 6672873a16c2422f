// Delivers the events of one link: performs what `step` asks for.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/environment.h"
#include "net/http_client.h"
#include "outbox/outbox.h"
#include "signin/signin.h"
#include "sync/hub_epochs.h"
#include "sync/step.h"

namespace pawprint::sync {

class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void wait(std::chrono::milliseconds duration) = 0;  // may return early when the user interrupts
};

// What the hub said of a token of the environment.
struct MachineSession {
  std::string origin;
  Result<credentials::Session> session;
};

// What a delivery works with; everything must outlive it.
struct Means {
  const Environment& environment;
  outbox::Outbox& outbox;
  net::HttpClient& http;
  Waiter& waiter;
  const std::atomic<bool>& interrupted;  // looked at between requests; no answer that came is thrown away
  Warnings& warnings;
  std::optional<MachineSession> machine = {};
};

struct Ending {
  Tally tally;
  std::uint64_t unknown = 0;  // events sent without learning what became of them
  StopReason reason = StopReason::empty;
  std::string words;                           // why, for people; may be empty
  std::optional<Error> failure;                // of the outbox or the sessions file: reason `failed`
  std::optional<std::uint64_t> highest_clock;  // of all answers
  std::int64_t next_attempt_ms = 0;            // Unix; 0 if nothing forbids one now
};

// The queue of the link as the requests report it: what its hub may know.
struct QueueAge {
  std::uint64_t queued = 0;
  std::int64_t oldest_s = 0;
};

class Uplink {
 public:
  // Told after every settlement how many events of this link are adjudicated.
  using Progress = std::function<void(std::uint64_t settled)>;

  Uplink(const Means& means, signin::SignIn& signin, HubEpochs& epochs, outbox::Link link,
         const protocol::IngressLimits& limits);

  // Sends until the queue of the link is empty, the link is ended, or something stops it. Whatever is
  // unsettled then stays pending. Blocks for at most 10 s per request and for the waits in between.
  Ending run(const QueueAge& queue, const Progress& progress);

 private:
  Result<Stop> deliver(const Progress& progress);
  Result<Input> perform(const Action& action);
  Result<Input> load(const LoadRows& wanted);
  Result<Input> post(const Post& batch);
  Result<std::optional<Input>> withdrawn() const;
  Result<Input> refresh();
  Result<void> settle(const Settle& settlement);
  Ending ending(const Result<Stop>& stop) const;
  Moment moment() const;

  Means means_;
  signin::SignIn& signin_;
  HubEpochs& epochs_;
  outbox::Link link_;
  State state_;
  QueueAge queue_;
  std::uint64_t settled_ = 0;
  std::unordered_map<std::int64_t, std::string> texts_;  // events loaded and not settled, by row id
  std::optional<std::uint64_t> highest_clock_;
};

}  // namespace pawprint::sync
