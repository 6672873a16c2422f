#include "sync/deliver.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/counted.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "sync/batch_endpoint.h"
#include "sync/patience.h"

namespace pawprint::sync {
namespace {

using credentials::Session;

constexpr int kMaxPasses = 3;

Error problem_of(ErrorKind kind, std::string message, std::string hint) {
  Error error;
  error.kind = kind;
  error.message = std::move(message);
  error.hint = std::move(hint);
  return error;
}

Error problem_of(StopReason reason, const outbox::Link& link, std::string_view words) {
  const std::string& origin = link.server_origin;
  const std::string why = words.empty() ? "" : fmt::format(": {}", words);
  switch (reason) {
    case StopReason::not_signed_in:
      return problem_of(ErrorKind::not_signed_in, fmt::format("the sign-in to {} has ended{}", origin, why),
                        credentials::login_command(origin, link.team_slug));
    case StopReason::rate_limited:
      return problem_of(ErrorKind::rate_limited, fmt::format("{} takes nothing for now{}", origin, why),
                        "pawprint sync now");
    case StopReason::refused:
      return problem_of(ErrorKind::refused, fmt::format("{} refused the delivery{}", origin, why),
                        "pawprint sync status");
    case StopReason::unreachable:
      return problem_of(ErrorKind::unreachable, fmt::format("cannot deliver to {}{}", origin, why),
                        "pawprint sync now");
    case StopReason::empty:
    case StopReason::failed:
    case StopReason::interrupted:
      break;
  }
  return problem_of(ErrorKind::interrupted, "the delivery was interrupted", "pawprint sync now");
}

// Whoever the link is for has no session on this machine.
Error no_session_for(const outbox::LinkQueue& waiting) {
  const outbox::Link& link = waiting.link;
  if (link.user_id == credentials::kMachineUser) {
    return problem_of(ErrorKind::not_signed_in,
                      fmt::format("no token of team {} at {} is set; in the queue for one: {}",
                                  link.team_slug, link.server_origin, counted(waiting.pending, "event")),
                      credentials::delivery_by_token(link.server_origin));
  }
  return problem_of(
      ErrorKind::not_signed_in,
      fmt::format("not signed in to {} as user {} of team {}; in the queue for that: {}", link.server_origin,
                  link.user_id, link.team_slug, counted(waiting.pending, "event")),
      credentials::login_command(link.server_origin, link.team_slug));
}

const Session* session_for(const std::vector<Session>& sessions, const outbox::Link& link) {
  const auto found = std::ranges::find_if(sessions, [&](const Session& session) {
    const bool as_user =
        session.user_id == link.user_id || (session.of_machine && sabotaged("token-for-every-link"));
    return session.origin == link.server_origin && session.team_id == link.team_id && as_user;
  });
  return found == sessions.end() ? nullptr : &*found;
}

// The links one after the other, and what came of them.
class Round {
 public:
  using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

  Round(const Means& means, credentials::SessionStore& store, const std::vector<Session>& sessions,
        const Progress& progress)
      : means_(means), store_(store), sessions_(sessions), progress_(progress), epochs_(means.outbox) {}

  // What they had comes back into the queue. A hub that does not answer is no reason to stop: nothing may be
  // waiting for it.
  Result<void> look_for_restored_hubs() {
    PAW_TRY(links, means_.outbox.heard_links());
    for (const outbox::Link& link : links) {
      if (means_.interrupted) return {};
      if (session_for(sessions_, link) == nullptr) continue;
      const auto& facts = facts_of(link.server_origin);
      if (!facts) continue;
      PAW_TRY(heard, epochs_.hear(link, facts->epoch));
    }
    return {};
  }

  void deliver_links(const std::vector<outbox::LinkQueue>& waiting) {
    total_ = done_;
    for (const outbox::LinkQueue& each : waiting) {
      if (session_for(sessions_, each.link) != nullptr) total_ += each.pending;
    }
    for (const outbox::LinkQueue& each : waiting) {
      if (const Session* session = session_for(sessions_, each.link)) {
        deliver_link(each, *session);
      } else {
        stop_without_session(each);
      }
    }
    if (means_.interrupted && reason_ != StopReason::empty)
      stop_for(StopReason::interrupted, problem_of(StopReason::interrupted, outbox::Link{}, {}));
  }

  bool is_done() const { return reason_ != StopReason::empty; }

  void fail_for(const Error& error) { stop_for(StopReason::failed, error); }

  DeliverySummary summary(const outbox::Outbox::Snapshot& counts, std::uint64_t remaining) && {
    summary_.attempted = summary_.success + summary_.duplicate + summary_.parked + summary_.unknown;
    summary_.remaining = remaining;
    summary_.unlinked = counts.unlinked;
    summary_.ended = counts.pending - std::min(counts.pending, remaining);
    summary_.stopped_by = name_of(reason_);
    summary_.again = epochs_.again();
    for (const auto& [origin, facts] : facts_)
      (facts ? summary_.asked : summary_.unreached).push_back(origin);
    tell_of_machine();
    epochs_.report_to(means_.warnings);
    return std::move(summary_);
  }

 private:
  // Of a token that could not be asked about, also if nothing waits for it.
  void tell_of_machine() {
    const auto& machine = means_.machine;
    if (!machine || machine->session) return;
    const Error& why = machine->session.error();
    if (why.kind == ErrorKind::unreachable) {
      if (!facts_.contains(machine->origin)) summary_.unreached.push_back(machine->origin);
    } else if (!summary_.problem || summary_.problem->message != why.message) {
      means_.warnings.add("machine-token", why.message, why.hint);
    }
  }

  void stop_without_session(const outbox::LinkQueue& waiting) {
    const auto& machine = means_.machine;
    const bool refused = machine && !machine->session && machine->origin == waiting.link.server_origin &&
                         waiting.link.user_id == credentials::kMachineUser;
    if (!refused) return stop_for(StopReason::not_signed_in, no_session_for(waiting));
    const Error& why = machine->session.error();
    stop_at(waiting.link,
            why.kind == ErrorKind::unreachable ? StopReason::unreachable
            : why.kind == ErrorKind::refused   ? StopReason::refused
                                               : StopReason::not_signed_in,
            why);
  }

  void deliver_link(const outbox::LinkQueue& waiting, const Session& session) {
    const outbox::Link& link = waiting.link;
    if (given_up_.contains(link.server_origin)) return;
    if (means_.interrupted) {
      stop_for(StopReason::interrupted, problem_of(StopReason::interrupted, link, {}));
      return;
    }
    const auto& facts = facts_of(link.server_origin);
    if (!facts) {
      Ending unreachable;
      unreachable.reason = StopReason::unreachable;
      unreachable.failure = problem_of(StopReason::unreachable, link, facts.error().message);
      if (!facts.error().hint.empty()) unreachable.failure->hint = facts.error().hint;
      note(link, unreachable);
      return;
    }
    if (const auto heard = epochs_.hear(link, facts->epoch); !heard) {
      stop_for(StopReason::failed, heard.error());
      return;
    }
    const std::int64_t now_ms = means_.environment.clock->unix_ms();
    const std::int64_t age_ms =
        std::max<std::int64_t>(now_ms - waiting.oldest_queued_at_ms.value_or(now_ms), 0);
    signin::SignIn signin(means_.environment, means_.http, store_, session);
    Uplink uplink(means_, signin, epochs_, link, facts->limits);
    const std::uint64_t before = done_;
    Ending ending =
        uplink.run({.queued = waiting.pending, .oldest_s = age_ms / 1000}, [&](std::uint64_t settled) {
          done_ = before + settled;
          progress_(done_, std::max(done_, total_));
        });
    if (session.of_machine && ending.reason == StopReason::not_signed_in)
      ending.failure = credentials::machine_token_refused(link.server_origin);
    note(link, ending);
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
    note_wait(link.server_origin, ending);
    stop_at(link, ending.reason, ending.failure.value_or(problem_of(ending.reason, link, ending.words)),
            ending.next_attempt_ms > 0);
  }

  // What the next look at the queue says of it; that it cannot be kept stops nothing.
  void stop_at(const outbox::Link& link, StopReason reason, Error problem, bool asked_to_wait = false) {
    const auto noted = patiently([&] { return note_outcome(link, reason, problem.message, asked_to_wait); });
    if (!noted) means_.warnings.add("last-failure", noted.error().message, noted.error().hint);
    stop_for(reason, std::move(problem));
  }

  // A hub that asked to wait is named as such, see note_wait.
  Result<void> note_outcome(const outbox::Link& link, StopReason reason, std::string_view why,
                            bool asked_to_wait) {
    using enum outbox::Outbox::FailedBy;
    switch (reason) {
      case StopReason::not_signed_in:
        return means_.outbox.note_failure(link, sign_in, why);
      case StopReason::refused:
      case StopReason::unreachable:
        return means_.outbox.note_failure(link, delivery, why);
      case StopReason::rate_limited:
        if (asked_to_wait) return {};
        return means_.outbox.note_failure(link, delivery, why);
      case StopReason::empty:
        return means_.outbox.note_success(link);
      case StopReason::failed:
      case StopReason::interrupted:
        break;
    }
    return {};
  }

  // What a hub that was heard says about the next time; that it cannot be kept stops nothing.
  void note_wait(const std::string& origin, const Ending& ending) {
    const bool asks_to_wait = ending.reason == StopReason::rate_limited;
    if (!asks_to_wait && ending.reason != StopReason::empty && ending.reason != StopReason::refused) return;
    const auto noted =
        patiently([&] { return means_.outbox.note_wait(origin, asks_to_wait ? ending.next_attempt_ms : 0); });
    if (!noted) means_.warnings.add("next-attempt", noted.error().message, noted.error().hint);
  }

  void stop_for(StopReason reason, Error problem) {
    if (graver(reason, reason_) == reason_) return;
    reason_ = reason;
    summary_.problem = std::move(problem);
  }

  // Asked once, whatever the answer.
  const Result<HubFacts>& facts_of(const std::string& origin) {
    if (const auto known = facts_.find(origin); known != facts_.end()) return known->second;
    return facts_.emplace(origin, ask_hub(means_.http, origin)).first->second;
  }

  const Means& means_;
  credentials::SessionStore& store_;
  const std::vector<Session>& sessions_;
  const Progress& progress_;
  std::uint64_t total_ = 0;
  std::uint64_t done_ = 0;
  std::map<std::string, Result<HubFacts>> facts_;
  HubEpochs epochs_;
  std::set<std::string> given_up_;  // hubs that need not be asked again in this round
  StopReason reason_ = StopReason::empty;
  DeliverySummary summary_;
};

std::uint64_t rows_of(const std::vector<outbox::LinkQueue>& waiting) {
  std::uint64_t rows = 0;
  for (const outbox::LinkQueue& each : waiting) rows += each.pending;
  return rows;
}

}  // namespace

Result<DeliverySummary> deliver(const Means& means, credentials::SessionStore& store,
                                const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  PAW_TRY(sessions, store.load_or_signed_out(means.warnings));
  if (means.machine && means.machine->session) sessions.push_back(*means.machine->session);
  Round round(means, store, sessions, progress);
  PAW_TRY(looked, round.look_for_restored_hubs());
  PAW_TRY(waiting, means.outbox.waiting_links());
  PAW_TRY(counts, means.outbox.snapshot({}));
  // Again for what was queued meanwhile, but not for ever.
  for (int pass = 0; pass < kMaxPasses && !waiting.empty() && !round.is_done(); ++pass) {
    round.deliver_links(waiting);
    auto still_waiting = means.outbox.waiting_links();
    auto counted = means.outbox.snapshot({});
    if (!still_waiting || !counted) {
      round.fail_for(still_waiting ? counted.error() : still_waiting.error());
    } else {
      waiting = *std::move(still_waiting);
      counts = *std::move(counted);
    }
  }
  return std::move(round).summary(counts, rows_of(waiting));
}

}  // namespace pawprint::sync
