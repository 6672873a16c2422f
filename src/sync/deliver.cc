#include "sync/deliver.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/format.h"
#include "sync/batch_endpoint.h"

namespace pawprint::sync {
namespace {

using credentials::Session;

Error problem_of(ErrorKind kind, std::string message, std::string hint) {
  Error error;
  error.kind = kind;
  error.message = std::move(message);
  error.hint = std::move(hint);
  return error;
}

Error problem_of(StopReason reason, std::string_view origin, std::string_view words) {
  const std::string why = words.empty() ? "" : fmt::format(": {}", words);
  switch (reason) {
    case StopReason::not_signed_in:
      return problem_of(ErrorKind::not_signed_in, fmt::format("the sign-in to {} has ended{}", origin, why),
                        fmt::format("pawprint auth login --server {}", origin));
    case StopReason::rate_limited:
      return problem_of(ErrorKind::refused, fmt::format("{} takes nothing for now{}", origin, why),
                        "pawprint sync status");
    case StopReason::refused:
      return problem_of(ErrorKind::refused, fmt::format("{} refused the delivery{}", origin, why),
                        "pawprint sync status");
    case StopReason::unreachable:
      return problem_of(ErrorKind::unreachable, fmt::format("no answer from {}{}", origin, why),
                        "pawprint sync now");
    case StopReason::empty:
    case StopReason::interrupted:
      break;
  }
  return problem_of(ErrorKind::interrupted, "the delivery was interrupted", "pawprint sync now");
}

std::vector<outbox::SessionKey> keys_of(const std::vector<Session>& sessions) {
  std::vector<outbox::SessionKey> keys;
  for (const Session& session : sessions) keys.push_back({session.origin, session.team_id, session.user_id});
  return keys;
}

DeliverySummary without_session(std::uint64_t pending) {
  DeliverySummary summary;
  summary.remaining = pending;
  summary.stopped_by = name_of(pending > 0 ? StopReason::not_signed_in : StopReason::empty);
  if (pending > 0) {
    summary.problem =
        problem_of(ErrorKind::not_signed_in,
                   fmt::format("not signed in: {} events stay in the queue", pending), "pawprint auth login");
  }
  return summary;
}

// The links one after the other, and what came of them.
class Round {
 public:
  using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

  Round(const Means& means, credentials::SessionStore& store, std::uint64_t total, QueueAge age,
        const Progress& progress)
      : means_(means), store_(store), total_(total), age_(age), progress_(progress) {}

  Result<void> deliver_link(const outbox::Link& link, const Session& session) {
    if (given_up_.contains(link.server_origin)) return {};
    const auto limits = limits_of(link.server_origin);
    if (!limits) {
      Ending unreachable;
      unreachable.reason = StopReason::unreachable;
      unreachable.words = limits.error().message;
      note(link, unreachable);
      return {};
    }
    signin::SignIn signin(means_.environment, means_.http, store_, session);
    Uplink uplink(means_, signin, link, *limits);
    const std::uint64_t before = done_;
    PAW_TRY(ending, uplink.run({.queued = total_ - std::min(total_, before), .oldest_s = age_.oldest_s},
                               [&](std::uint64_t settled) {
                                 done_ = before + settled;
                                 progress_(done_, std::max(done_, total_));
                               }));
    note(link, ending);
    return {};
  }

  void note(const outbox::Link& link, const Ending& ending) {
    summary_.success += ending.tally.success;
    summary_.duplicate += ending.tally.duplicate;
    summary_.parked += ending.tally.parked;
    summary_.unknown += ending.unknown;
    if (ending.highest_clock) {
      summary_.highest_clock = std::max(summary_.highest_clock.value_or(0), *ending.highest_clock);
    }
    if (ending.reason == StopReason::unreachable || ending.reason == StopReason::rate_limited) {
      given_up_.insert(link.server_origin);
    }
    stop_for(ending.reason, link.server_origin, ending.words);
  }

  void stop_for(StopReason reason, std::string_view origin, std::string_view words) {
    if (graver(reason, reason_) == reason_) return;
    reason_ = reason;
    summary_.problem = problem_of(reason, origin, words);
  }

  DeliverySummary summary(std::uint64_t remaining) && {
    summary_.attempted = summary_.success + summary_.duplicate + summary_.parked + summary_.unknown;
    summary_.remaining = remaining;
    summary_.stopped_by = name_of(reason_);
    return std::move(summary_);
  }

 private:
  Result<protocol::IngressLimits> limits_of(const std::string& origin) {
    if (const auto known = limits_.find(origin); known != limits_.end()) return known->second;
    PAW_TRY(limits, ask_limits(means_.http, origin));
    limits_.emplace(origin, limits);
    return limits;
  }

  const Means& means_;
  credentials::SessionStore& store_;
  std::uint64_t total_;
  QueueAge age_;
  const Progress& progress_;
  std::uint64_t done_ = 0;
  std::map<std::string, protocol::IngressLimits> limits_;
  std::set<std::string> given_up_;  // hubs that need not be asked again in this round
  StopReason reason_ = StopReason::empty;
  DeliverySummary summary_;
};

}  // namespace

Result<DeliverySummary> deliver(const Means& means, credentials::SessionStore& store,
                                const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  PAW_TRY(sessions, store.load());
  const std::vector<outbox::SessionKey> keys = keys_of(sessions);
  PAW_TRY(before, means.outbox.snapshot(keys));
  if (sessions.empty()) return without_session(before.pending);
  const std::int64_t now_ms = means.environment.clock->unix_ms();
  const std::int64_t age_ms = now_ms - before.oldest_queued_at_ms.value_or(now_ms);
  Round round(means, store, before.sendable,
              {.queued = before.sendable, .oldest_s = std::max<std::int64_t>(age_ms, 0) / 1000}, progress);
  PAW_TRY(links, means.outbox.deliverable_links(keys));
  for (const outbox::Link& link : links) {
    const auto session = std::ranges::find_if(sessions, [&](const Session& candidate) {
      return candidate.origin == link.server_origin && candidate.team_id == link.team_id &&
             candidate.user_id == link.user_id;
    });
    if (session == sessions.end()) continue;
    if (means.interrupted) {
      round.stop_for(StopReason::interrupted, link.server_origin, {});
      break;
    }
    PAW_TRY(delivered, round.deliver_link(link, *session));
  }
  PAW_TRY(after, means.outbox.snapshot(keys));
  return std::move(round).summary(after.pending);
}

}  // namespace pawprint::sync
