#include "protocol/lanes.h"

#include "base/format.h"

namespace pawprint::protocol {
namespace {

constexpr std::array<std::string_view, kLanes.size()> kNames = {
    "planned", "claimed", "in_progress", "for_review", "done", "blocked", "canceled"};

// One row per lane that is left, one column per lane that is entered, in the order of kLanes.
// '.' forbidden, 'y' free, A an actor, R a reason, S subtasks ticked off, V a review reference, E a reviewer.
constexpr std::array<std::string_view, kLanes.size()> kMoves = {
    ".AA..yy",  // planned
    "..A..yy",  // claimed
    "R..S.yy",  // in_progress
    "..V.Eyy",  // for_review
    ".......",  // done
    "..y...y",  // blocked
    ".......",  // canceled
};

std::size_t index_of(Lane lane) {
  return static_cast<std::size_t>(lane);
}

bool is_met(Guard guard, const MoveFacts& facts) {
  switch (guard) {
    case Guard::forbidden:
      return false;
    case Guard::none:
      return true;
    case Guard::actor:
    case Guard::reviewer:
      return !facts.actor.empty();
    case Guard::reason:
      return !facts.reason.empty();
    case Guard::subtasks:
      return facts.subtasks_done;
    case Guard::review_ref:
      return !facts.review_ref.empty();
  }
  return false;
}

std::string_view complaint_about(Guard guard) {
  switch (guard) {
    case Guard::actor:
      return "it needs an actor";
    case Guard::reviewer:
      return "it needs a reviewer";
    case Guard::reason:
      return "it needs a reason";
    case Guard::subtasks:
      return "subtasks are not ticked off yet";
    case Guard::review_ref:
      return "it needs a review reference";
    case Guard::none:
    case Guard::forbidden:
      break;
  }
  return "this move is not allowed";
}

}  // namespace

std::string_view name_of(Lane lane) {
  return kNames[index_of(lane)];
}

std::optional<Lane> lane_of(std::string_view name) {
  if (name == "doing") return Lane::in_progress;
  for (const Lane lane : kLanes) {
    if (name_of(lane) == name) return lane;
  }
  return std::nullopt;
}

Guard guard_of(Lane from, Lane to) {
  switch (kMoves[index_of(from)][index_of(to)]) {
    case 'y':
      return Guard::none;
    case 'A':
      return Guard::actor;
    case 'R':
      return Guard::reason;
    case 'S':
      return Guard::subtasks;
    case 'V':
      return Guard::review_ref;
    case 'E':
      return Guard::reviewer;
    default:
      return Guard::forbidden;
  }
}

Result<void> check_move(Lane from, Lane to, const MoveFacts& facts) {
  const auto refused = [&](std::string_view what) {
    return fail(ErrorKind::invalid,
                fmt::format("cannot move from {} to {}: {}", name_of(from), name_of(to), what));
  };
  if (facts.force) {
    if (facts.reason.empty()) return refused("a forced move needs a reason");
    return {};
  }
  const Guard guard = guard_of(from, to);
  if (is_met(guard, facts)) return {};
  return refused(complaint_about(guard));
}

}  // namespace pawprint::protocol
