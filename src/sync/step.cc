#include "sync/step.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/format.h"
#include "base/printable.h"
#include "sync/batching.h"

namespace pawprint::sync {
namespace {

using Actions = std::vector<Action>;

constexpr unsigned kMaxRetries = 2;
constexpr std::int64_t kFirstBackoffMs = 500;
constexpr std::int64_t kMaxBackoffMs = 30'000;
constexpr std::int64_t kMaxRetryAfterSeconds = 24 * 3600;
constexpr std::int64_t kMaxLaterMs = 30'000;
constexpr std::size_t kMaxReasonBytes = 1000;

enum class Meaning { verdicts, undecided, bisect, halve, sign_in, wait, refused };

// The table of the batch endpoint. What a proxy says about the size or the form of a request decides nothing
// about the events in it.
Meaning meaning_of(const Answered& answer) {
  switch (answer.status) {
    case 200:
      return answer.verdicts ? Meaning::verdicts : Meaning::undecided;
    case 400:
      return answer.in_hubs_words ? Meaning::bisect : Meaning::refused;
    case 401:
      return Meaning::sign_in;
    case 403:
      return answer.category == "cross_tenant" && answer.verdicts ? Meaning::verdicts : Meaning::refused;
    case 408:
      return Meaning::undecided;
    case 413:
      return answer.in_hubs_words ? Meaning::halve : Meaning::refused;
    case 429:
    case 503:
      return Meaning::wait;
    default:
      return answer.status >= 500 ? Meaning::undecided : Meaning::refused;
  }
}

std::string shown(const Answered& answer) {
  if (answer.words.empty()) return fmt::format("HTTP {}", answer.status);
  return fmt::format("HTTP {}: {}", answer.status, answer.words);
}

std::string reason_of(std::string_view category, std::string_view message) {
  const std::string reason = fmt::format("{}: {}", category.empty() ? "error" : category, message);
  return printable(reason.substr(0, kMaxReasonBytes));
}

Settle::Item parked(std::int64_t id, std::string_view category, std::string_view message) {
  return {.id = id, .fate = Fate::parked, .reason = reason_of(category, message)};
}

Actions joined(Actions actions, Actions more) {
  std::ranges::move(more, std::back_inserter(actions));
  return actions;
}

void put_back(State& state) {
  if (!state.in_flight.empty()) state.waiting.push_front(std::exchange(state.in_flight, {}));
}

Actions stop(State& state, StopReason reason, std::string words = {}) {
  put_back(state);
  return {Stop{reason, std::move(words)}};
}

Actions go_on(State& state) {
  if (state.waiting.empty()) {
    return {LoadRows{static_cast<std::size_t>(state.limits.max_events_per_batch),
                     event_bytes_budget(state.limits)}};
  }
  state.in_flight = take_batch(state.waiting.front(), state.limits);
  if (state.waiting.front().empty()) state.waiting.pop_front();
  Post post;
  for (const Row& row : state.in_flight) post.ids.push_back(row.id);
  return {std::move(post)};
}

// The next attempt, after full jitter.
std::int64_t back_off(State& state, const Moment& moment) {
  const unsigned doublings = std::min(state.lost_in_a_row, 6U);
  const std::int64_t most = std::min(kMaxBackoffMs, kFirstBackoffMs << doublings);
  const auto wait_ms = static_cast<std::int64_t>(moment.jitter % static_cast<std::uint64_t>(most + 1));
  state.next_attempt_ms = moment.now_ms + wait_ms;
  return wait_ms;
}

Actions undecided(State& state, std::string why, const Moment& moment) {
  for (Row& row : state.in_flight) row.unknown = true;
  put_back(state);
  const std::int64_t wait_ms = back_off(state, moment);
  if (state.lost_in_a_row >= kMaxRetries) return stop(state, StopReason::unreachable, std::move(why));
  ++state.lost_in_a_row;
  return {Wait{wait_ms}};
}

Settle::Item settle_by(Tally& tally, const Row& row, const protocol::Verdict& verdict) {
  switch (verdict.status) {
    case protocol::VerdictStatus::success:
      ++tally.success;
      return {.id = row.id, .fate = Fate::sent, .reason = {}};
    case protocol::VerdictStatus::duplicate:
      ++tally.duplicate;
      return {.id = row.id, .fate = Fate::sent, .reason = {}};
    case protocol::VerdictStatus::error:
      break;
  }
  if (row.announcement && verdict.error_category == "event_id_conflict") {
    ++tally.duplicate;
    return {.id = row.id, .fate = Fate::sent, .reason = {}};
  }
  ++tally.parked;
  return parked(row.id, verdict.error_category, verdict.error_message);
}

Actions adjudicated(State& state, const Answered& answer, const Moment& moment) {
  const auto matched = match_verdicts(state.in_flight, *answer.verdicts);
  Settle settle;
  Batch open;
  for (std::size_t position = 0; position < matched.size(); ++position) {
    Row& row = state.in_flight[position];
    if (matched[position] == nullptr) {
      open.push_back(std::move(row));
    } else {
      settle.items.push_back(settle_by(state.tally, row, *matched[position]));
    }
  }
  state.in_flight = std::move(open);
  Actions actions;
  if (!settle.items.empty()) {
    actions.emplace_back(std::move(settle));
    state.lost_in_a_row = 0;
    state.refreshed = false;
    state.next_attempt_ms = 0;
  }
  if (state.in_flight.empty()) return joined(std::move(actions), go_on(state));
  return joined(std::move(actions),
                undecided(state, "the hub's answer has no verdict on some of the events", moment));
}

Actions split(State& state, bool by_bytes) {
  Batch batch = std::exchange(state.in_flight, {});
  auto [first, second] = by_bytes ? halve_by_bytes(std::move(batch)) : halve_by_count(std::move(batch));
  state.waiting.push_front(std::move(second));
  state.waiting.push_front(std::move(first));
  return go_on(state);
}

Actions park_or_split(State& state, bool by_bytes, std::string_view category, std::string_view why) {
  if (state.in_flight.size() > 1) return split(state, by_bytes);
  Settle settle;
  for (const Row& row : state.in_flight) settle.items.push_back(parked(row.id, category, why));
  state.tally.parked += settle.items.size();
  state.in_flight.clear();
  return joined({std::move(settle)}, go_on(state));
}

// A while later than the hub asked for, so that not all who were told the same come back at one moment.
Actions hold_off(State& state, const Answered& answer, const Moment& moment) {
  if (answer.retry_after_s) {
    const auto least = static_cast<std::int64_t>(
        std::min<std::uint64_t>(state.limits.retry_after_min_seconds, kMaxRetryAfterSeconds));
    const std::int64_t wait_s = std::clamp(*answer.retry_after_s, least, kMaxRetryAfterSeconds);
    const auto most_later_ms = static_cast<std::uint64_t>(std::min(wait_s * 1000 / 10, kMaxLaterMs));
    const auto later_ms = static_cast<std::int64_t>(moment.jitter % (most_later_ms + 1));
    state.next_attempt_ms = moment.now_ms + wait_s * 1000 + later_ms;
    return stop(state, StopReason::rate_limited,
                fmt::format("{}; it asks to wait {} s", shown(answer), wait_s));
  }
  state.next_attempt_ms = 0;
  return stop(state, StopReason::rate_limited, shown(answer));
}

Actions sign_in_again(State& state, const Answered& answer) {
  if (state.refreshed) {  // it holds: the hub, or a proxy before it, refuses for another reason
    return stop(state, StopReason::refused, shown(answer) + ", with a sign-in that it had just renewed");
  }
  state.refreshed = true;
  return {Refresh{}};
}

// One overload per input.
struct Stepper {
  State& state;
  const Moment& moment;

  Actions operator()(const Started&) const { return go_on(state); }

  Actions operator()(const RowsLoaded& loaded) const {
    if (loaded.rows.empty()) return {Stop{StopReason::empty, {}}};
    Settle settle;
    Batch good;
    for (const Row& row : loaded.rows) {
      if (row.malformed.empty()) {
        good.push_back(row);
      } else {
        settle.items.push_back(parked(row.id, "malformed", row.malformed));
      }
    }
    state.tally.parked += settle.items.size();
    if (!good.empty()) state.waiting.push_back(std::move(good));
    if (settle.items.empty()) return go_on(state);
    return joined({std::move(settle)}, go_on(state));
  }

  Actions operator()(const Answered& answer) const {
    if (answer.limits) state.limits = bounded(*answer.limits);
    switch (meaning_of(answer)) {
      case Meaning::verdicts:
        return adjudicated(state, answer, moment);
      case Meaning::undecided:
        return undecided(state, shown(answer), moment);
      case Meaning::bisect:
        return park_or_split(state, false, "malformed", shown(answer));
      case Meaning::halve:
        return park_or_split(state, true, "too_large", shown(answer));
      case Meaning::sign_in:
        return sign_in_again(state, answer);
      case Meaning::wait:
        return hold_off(state, answer, moment);
      case Meaning::refused:
        break;
    }
    return stop(state, StopReason::refused, shown(answer));
  }

  Actions operator()(const Lost& lost) const { return undecided(state, lost.why, moment); }

  Actions operator()(const Oversized&) const {
    return park_or_split(state, true, "too_large", "compressed, it has more bytes than the hub takes");
  }

  Actions operator()(const Refreshed& refreshed) const {
    if (refreshed == Refreshed::rejected) return stop(state, StopReason::not_signed_in);
    put_back(state);
    return go_on(state);
  }

  Actions operator()(const NotRefreshed& refresh) const {
    return stop(state, StopReason::unreachable, refresh.why);
  }

  Actions operator()(const LinkEnded&) const { return stop(state, StopReason::empty); }

  Actions operator()(const Waited&) const { return go_on(state); }

  Actions operator()(const Interrupted&) const { return stop(state, StopReason::interrupted); }
};

}  // namespace

State::State(const protocol::IngressLimits& advertised) : limits(bounded(advertised)) {}

std::uint64_t State::unknown() const {
  const auto is_unknown = [](const Row& row) { return row.unknown; };
  auto count = std::ranges::count_if(in_flight, is_unknown);
  for (const Batch& batch : waiting) count += std::ranges::count_if(batch, is_unknown);
  return static_cast<std::uint64_t>(count);
}

Actions step(State& state, const Input& input, const Moment& moment) {
  return std::visit(Stepper{state, moment}, input);
}

}  // namespace pawprint::sync
