#include "workflow/transition.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/file_lock.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "protocol/limits.h"
#include "workflow/actor.h"
#include "workflow/file_error.h"
#include "workflow/lane_edit.h"
#include "workflow/move_check.h"

namespace pawprint::workflow {
namespace {

constexpr std::chrono::seconds kLockWait{5};

// Of the form that a real one has, so that a file is tried with it before anything is emitted.
constexpr std::string_view kPlaceholderId = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ";

// A work package as the file has it under the lock, and what is going to be written.
struct Prepared {
  WorkPackage before;
  std::string text;
  unsigned mode = 0;
  HistoryEntry entry;
};

HistoryEntry entry_of(const Environment& environment, const WorkPackage& before, const Move& move) {
  HistoryEntry entry;
  entry.timestamp = rfc3339_utc(environment.clock->unix_ms());
  entry.lane = move.to;
  entry.agent = move.agent.empty() ? move.actor : move.agent;
  entry.action =
      fmt::format("Moved from {} to {}", protocol::name_of(before.lane), protocol::name_of(move.to));
  if (!move.reason.empty()) entry.action += ": " + move.reason;
  entry.event_id = kPlaceholderId;
  return entry;
}

// nullopt: it is in that lane already.
Result<std::optional<Prepared>> prepare(const Environment& environment, const Feature& feature,
                                        const WorkPackage& work_package, const Move& move) {
  Prepared prepared;
  PAW_TRY(text, read_existing(*environment.disk, work_package.file));
  PAW_TRY(facts, environment.disk->status(work_package.file));
  PAW_TRY(before, parse_work_package(text, work_package.file, LaneHome::frontmatter,
                                     protocol::lamport_ceiling(environment.clock->unix_ms() / 1000)));
  if (before.lane == move.to) return std::nullopt;
  PAW_TRY(allowed, check_lanes(environment, feature, before, move));
  PAW_TRY(no_link, refuse_link(work_package.file));
  prepared.entry = entry_of(environment, before, move);
  PAW_TRY(tried, with_lane(text, work_package.file, prepared.entry));
  prepared.before = std::move(before);
  prepared.text = std::move(text);
  prepared.mode = facts ? facts->mode : 0644;
  return prepared;
}

Event event_of(const Feature& feature, const WorkPackage& before, const Move& move) {
  boost::json::object payload;
  payload["wp_id"] = before.id;
  payload["from_lane"] = protocol::name_of(before.lane);
  payload["to_lane"] = protocol::name_of(move.to);
  payload["actor"] = move.actor;
  payload["feature_slug"] = feature.slug;
  if (!move.reason.empty()) payload["reason"] = move.reason;
  if (!move.review_ref.empty()) payload["review_ref"] = move.review_ref;
  if (move.force) payload["force"] = true;
  if (move.resolve) payload["resolve"] = true;
  Event event;
  event.event_type = "WPStatusChanged";
  event.aggregate_id = before.id;
  event.payload = boost::json::serialize(payload);
  if (before.last_transition) event.causation_id = before.last_transition->event_id;
  return event;
}

// What is done from here on is numbered after what the files tell of, whoever did it.
void observe_history(Emitter& emitter, const std::vector<Prepared>& all, Warnings& warnings) {
  std::uint64_t newest = 0;
  for (const Prepared& one : all) {
    if (!one.before.clock_out_of_range.empty()) {
      warnings.add("clock-out-of-range",
                   fmt::format("the history of {} has a lamport_clock of {}, above what any clock can have "
                               "reached; that entry is ignored",
                               one.before.file.string(), one.before.clock_out_of_range));
    }
    if (one.before.last_transition) newest = std::max(newest, one.before.last_transition->lamport_clock);
  }
  if (newest == 0 || sabotaged("history-unseen")) return;
  if (auto observed = emitter.observe(newest); !observed) {
    warnings.add(
        "clock_not_observed",
        fmt::format("the clock does not know of the work package's history: {}", observed.error().message),
        observed.error().hint);
  }
}

// One event per move; nothing where they could be stored nowhere, which holds up no work.
Result<std::vector<Receipt>> emit_moves(Emitter& emitter, const Feature& feature,
                                        const std::vector<Prepared>& all, const Move& move,
                                        Warnings& warnings) {
  std::vector<Event> events;
  for (const Prepared& one : all) events.push_back(event_of(feature, one.before, move));
  auto receipts = emitter.emit_all(events);
  if (sabotaged("emit-twice") && receipts) receipts = emitter.emit_all(events);
  if (receipts || receipts.error().kind != ErrorKind::not_stored) return receipts;
  warnings.add(kEventNotStored,
               fmt::format("the team will not hear of this move: {}", receipts.error().message),
               receipts.error().hint);
  return std::vector<Receipt>(all.size());
}

Result<void> write_move(const Environment& environment, Prepared& prepared, const Receipt& receipt) {
  const Path& file = prepared.before.file;
  prepared.entry.event_id = receipt.event_id;
  prepared.entry.lamport_clock = receipt.lamport_clock;
  auto text = with_lane(prepared.text, file, prepared.entry);
  auto written = text ? replace_file(*environment.disk, file, *text, prepared.mode)
                      : Result<void>(std::unexpected(text.error()));
  if (written || receipt.event_id.empty()) return written;
  written.error().message = fmt::format("{} was not written, but its event {} is queued: {}",
                                        file.filename().string(), receipt.event_id, written.error().message);
  written.error().hint =
      fmt::format("set `lane: {}` in {} by hand", protocol::name_of(prepared.entry.lane), file.string());
  return with_file(written.error(), file);
}

TransitionOutcome outcome_of(const Feature& feature, const WorkPackage& work_package, const Move& move) {
  TransitionOutcome outcome;
  outcome.feature_slug = feature.slug;
  outcome.wp_id = work_package.id;
  outcome.from = move.to;
  outcome.to = move.to;
  outcome.file = work_package.file;
  return outcome;
}

}  // namespace

Result<void> check_transition(const Environment& environment, const Feature& feature,
                              const WorkPackage& work_package, const Move& move) {
  PAW_TRY(prepared, prepare(environment, feature, work_package, move));
  return {};
}

Result<std::vector<TransitionOutcome>> transition_all(const Environment& environment, Emitter& emitter,
                                                      const Feature& feature,
                                                      std::span<const WorkPackage> work_packages,
                                                      const Move& move, Warnings& warnings) {
  PAW_TRY(lock, FileLock::acquire(feature.tasks_directory(), kLockWait));
  std::vector<TransitionOutcome> outcomes;
  std::vector<Prepared> moving;
  std::vector<std::size_t> places;  // where the outcome of each is
  for (const WorkPackage& work_package : work_packages) {
    PAW_TRY(prepared, prepare(environment, feature, work_package, move));
    outcomes.push_back(outcome_of(feature, work_package, move));
    if (!prepared) continue;
    moving.push_back(*std::move(prepared));
    places.push_back(outcomes.size() - 1);
  }
  if (moving.empty()) return outcomes;
  observe_history(emitter, moving, warnings);
  PAW_TRY(receipts, emit_moves(emitter, feature, moving, move, warnings));
  // Their events are out: a file that refuses must not keep the others from being written.
  Result<void> first_failure;
  for (std::size_t i = 0; i < moving.size(); ++i) {
    auto written = write_move(environment, moving[i], receipts[i]);
    if (!written && first_failure) first_failure = std::move(written);
    TransitionOutcome& outcome = outcomes[places[i]];
    outcome.from = moving[i].before.lane;
    outcome.changed = true;
    if (!receipts[i].event_id.empty()) outcome.event_id = receipts[i].event_id;
  }
  if (!first_failure) return std::unexpected(std::move(first_failure).error());
  return outcomes;
}

Result<TransitionOutcome> transition(const Environment& environment, Emitter& emitter, const Feature& feature,
                                     const WorkPackage& work_package, const Move& move, Warnings& warnings) {
  PAW_TRY(outcomes, transition_all(environment, emitter, feature, {&work_package, 1}, move, warnings));
  return std::move(outcomes.front());
}

Result<TransitionOutcome> move_task(const Environment& environment, Emitter& emitter,
                                    const project::Places& places, const Feature& feature,
                                    std::string_view wp_id, Move move, Warnings& warnings) {
  PAW_TRY(work_package, find_work_package(feature, wp_id));
  const auto guard = protocol::guard_of(work_package.lane, move.to);
  // The name of an account is no evidence of a review.
  if (guard == protocol::Guard::reviewer && !move.force &&
      !named(environment, places, move.actor, move.agent)) {
    return fail(
        ErrorKind::usage,
        fmt::format("{}: cannot move to {}: nobody is named as the reviewer, and git has no user.name",
                    work_package.id, protocol::name_of(move.to)),
        move_command(feature, work_package, move.to) + " --actor NAME");
  }
  move.actor = acting(environment, places, move.actor, move.agent);
  return transition(environment, emitter, feature, work_package, move, warnings);
}

}  // namespace pawprint::workflow
