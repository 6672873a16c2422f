// The lanes of a work package and which moves between them are allowed (docs/protocol.md, lanes).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawprint::protocol {

enum class Lane { planned, claimed, in_progress, for_review, done, blocked, canceled };

inline constexpr std::array kLanes = {Lane::planned, Lane::claimed, Lane::in_progress, Lane::for_review,
                                      Lane::done,    Lane::blocked, Lane::canceled};

std::string_view name_of(Lane lane);
std::optional<Lane> lane_of(std::string_view name);  // "doing" is read as in_progress

// What a move asks for. `forbidden`: only a forced move with a reason gets there.
enum class Guard { forbidden, none, actor, reason, subtasks, review_ref, reviewer };
Guard guard_of(Lane from, Lane to);

// What the caller knows, against which a move's guard is checked.
struct MoveFacts {
  std::string actor;  // who moves it; at for_review -> done, who reviewed it
  std::string reason;
  std::string review_ref;
  bool subtasks_done = false;
  bool force = false;  // with a reason, passes any pair
};

// Kind `invalid`; the message names the two lanes and what is missing. No hint: what to type is the caller's
// to know, who has the work package.
Result<void> check_move(Lane from, Lane to, const MoveFacts& facts);

}  // namespace pawprint::protocol
