#include "hub/ingest/ingest.h"

#include <algorithm>
#include <future>

#include "base/error_line.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "hub/ingest/cut.h"
#include "hub/ingest/judge.h"
#include "protocol/batch.h"
#include "protocol/envelope.h"
#include "protocol/limits.h"

namespace pawprint::hub::ingest {
namespace {

using protocol::json_string;
using protocol::Verdict;
using protocol::VerdictStatus;
using store::AppendOutcome;

// An hour's worth of the ceiling. A value closer to it than that is stored, but other machines are not told
// of it: they would go on from there, and their next events would be above the ceiling.
constexpr std::uint64_t kClockMargin = 3'600'000'000;

IngestAnswer frame_refused(const Error& error) {
  return {400, fmt::format(R"({{"error":{},"details":[]}})", json_string(error.message)), {}};
}

IngestAnswer with_limits(int status, std::string_view error) {
  return {status,
          fmt::format(R"({{"error":{},"limits":{}}})", json_string(error),
                      protocol::write_limits(protocol::default_limits())),
          {}};
}

IngestAnswer may_not_write(const Caller& caller) {
  const std::string error =
      fmt::format("a {} of team {} may read, but not write", caller.role, caller.team_slug);
  return {403, fmt::format(R"({{"error":{},"error_category":"forbidden"}})", json_string(error)), {}};
}

IngestAnswer store_failed(const Error& error) {
  IngestAnswer answer = with_limits(503, "the hub cannot store events now; nothing is acknowledged");
  answer.headers.emplace_back("Retry-After", std::to_string(protocol::retry_after_min_seconds));
  answer.failure = error_line(error);
  return answer;
}

bool all_astray(std::span<const Verdict> verdicts) {
  return !verdicts.empty() && std::ranges::all_of(verdicts, [](const Verdict& verdict) {
    return verdict.error_category == "cross_tenant";
  });
}

IngestAnswer all_for_other_teams(const Caller& caller, std::span<const Verdict> verdicts) {
  const std::string error =
      fmt::format("every event names another team than {}, which the token is for", caller.team_slug);
  const std::string results = protocol::write_verdicts(verdicts);
  return {403,
          fmt::format(R"({{"error":{},"error_category":"cross_tenant",{})", json_string(error),
                      std::string_view(results).substr(1)),
          {}};
}

void settle(Verdict& verdict, AppendOutcome outcome) {
  switch (outcome) {
    case AppendOutcome::stored:
      verdict.status = VerdictStatus::success;
      return;
    case AppendOutcome::duplicate:
      verdict.status = VerdictStatus::duplicate;
      verdict.error_category.clear();
      verdict.error_message.clear();
      return;
    case AppendOutcome::unknown:  // what the checks said stands
      return;
    case AppendOutcome::conflict:
      verdict.status = VerdictStatus::error;
      verdict.error_category = "event_id_conflict";
      verdict.error_message =
          "event_id: invalid, as the team has an event with this id and different content";
      return;
  }
}

// What the store is asked for, and for each the place of its verdict.
struct Classified {
  std::vector<Verdict> verdicts;
  std::vector<store::NewEvent> events;
  std::vector<std::size_t> places;
};

Classified classify(std::span<const std::string_view> slices, Judge& judge, std::uint64_t ceiling) {
  Classified classified;
  classified.verdicts.reserve(slices.size());
  classified.events.reserve(slices.size());
  classified.places.reserve(slices.size());
  for (const std::string_view slice : slices) {
    Judged judged = judge.judge(slice);
    if (judged.event) {
      judged.event->advances_clock = judged.event->lamport + kClockMargin <= ceiling;
      classified.places.push_back(classified.verdicts.size());
      classified.events.push_back(std::move(*judged.event));
    }
    classified.verdicts.push_back(std::move(judged.verdict));
  }
  return classified;
}

// The team is that of the token. (The break takes it from the body.)
std::string team_of(store::Store& store, const Caller& caller, std::span<const std::string_view> slices) {
  if (!sabotaged("team-from-body") || slices.empty()) return caller.team_id;
  const auto envelope = protocol::read_envelope(slices.front());
  const auto team = envelope ? store.users().find_team(envelope->team_slug) : std::nullopt;
  return team && *team ? (*team)->team_id : caller.team_id;
}

IngestAnswer over_quota(const Caller& caller, std::int64_t seconds) {
  IngestAnswer answer = with_limits(
      429, fmt::format("team {} has sent more than its quota; nothing was stored", caller.team_slug));
  answer.headers.emplace_back("Retry-After", std::to_string(seconds));
  return answer;
}

Result<store::Appended> append(store::Log& log, const std::string& team_id,
                               std::vector<store::NewEvent> events) {
  if (events.empty()) {  // the answer tells the team's clock all the same
    PAW_TRY(highest, log.highest_lamport(team_id));
    return store::Appended{.outcomes = {}, .highest_lamport = highest};
  }
  std::promise<Result<store::Appended>> told;
  log.submit(team_id, std::move(events),
             [&told](Result<store::Appended> appended) { told.set_value(std::move(appended)); });
  return told.get_future().get();
}

IngestAnswer answer_to(const Caller& caller, std::vector<Verdict> verdicts, std::uint64_t highest_lamport,
                       const std::string& epoch) {
  IngestAnswer answer;
  if (all_astray(verdicts)) {
    answer = all_for_other_teams(caller, verdicts);
  } else {
    answer.body = protocol::write_verdicts(verdicts);
    answer.headers = {{"X-Pawprint-Clock", std::to_string(highest_lamport)}, {"X-Pawprint-Epoch", epoch}};
  }
  answer.verdicts = std::move(verdicts);
  return answer;
}

}  // namespace

IngestAnswer Ingest::batch(const Caller& caller, std::string body) {
  if (caller.role == store::kRoleViewer) return may_not_write(caller);
  if (body.size() > protocol::max_decompressed_bytes_per_batch) {
    return with_limits(413, "the batch has more bytes than one may have");
  }
  const auto whole = std::make_shared<const std::string>(std::move(body));
  const auto slices = cut_events(*whole, protocol::max_events_per_batch);
  if (!slices) return frame_refused(slices.error());
  if (slices->size() > protocol::max_events_per_batch) {
    return with_limits(413, fmt::format("the batch has more than {} events", protocol::max_events_per_batch));
  }
  return take(caller, whole, *slices);
}

IngestAnswer Ingest::one_by_one(const Caller& caller, std::span<const std::string> texts) {
  if (caller.role == store::kRoleViewer) return may_not_write(caller);
  const SideBySide all = side_by_side(texts);
  return take(caller, all.whole, all.events);
}

IngestAnswer Ingest::take(const Caller& caller, const std::shared_ptr<const std::string>& whole,
                          std::span<const std::string_view> slices) {
  if (!slices.empty()) {  // a ping costs nobody anything
    if (const auto room = store_.disk_room().check(); !room) return store_failed(room.error());
    if (const auto wait = quotas_.take(caller.team_id, slices.size(), whole->size()))
      return over_quota(caller, *wait);
  }
  const std::uint64_t ceiling = protocol::lamport_ceiling(clock_.unix_ms() / 1000);
  Judge judge(caller.team_slug, ceiling, whole);
  Classified classified = classify(slices, judge, ceiling);
  const auto appended = append(store_.log(), team_of(store_, caller, slices), std::move(classified.events));
  if (!appended) return store_failed(appended.error());
  for (std::size_t i = 0; i < classified.places.size(); ++i) {
    const std::size_t place = sabotaged("verdict-by-position") ? i : classified.places[i];
    settle(classified.verdicts[place], appended->outcomes[i]);
  }
  if (on_verdicts_) on_verdicts_(classified.verdicts);
  return answer_to(caller, std::move(classified.verdicts), appended->highest_lamport, store_.epoch());
}

}  // namespace pawprint::hub::ingest
