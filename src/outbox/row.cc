#include "outbox/row.h"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

namespace pawprint::outbox {
namespace {

struct Move {
  RowState from;
  RowState to;
};

constexpr std::array kMoves{
    Move{RowState::intent, RowState::pending},    Move{RowState::intent, RowState::dropped},
    Move{RowState::pending, RowState::sent},      Move{RowState::pending, RowState::parked},
    Move{RowState::pending, RowState::discarded},  // decide.h says which
    Move{RowState::parked, RowState::pending},    Move{RowState::parked, RowState::discarded},
    Move{RowState::sent, RowState::pending},
};

// As the column `state` has them, in the order of RowState.
constexpr std::array<std::string_view, 6> kNames{"intent", "pending",   "sent",
                                                 "parked", "discarded", "dropped"};

}  // namespace

bool may_move(RowState from, RowState to) {
  return std::ranges::any_of(kMoves, [&](const Move& move) { return move.from == from && move.to == to; });
}

std::string_view name_of(RowState state) {
  return kNames[static_cast<std::size_t>(state)];
}

std::optional<RowState> state_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<RowState>(found - kNames.begin());
}

std::optional<RowState> state_meant(std::string_view damaged_name) {
  for (std::size_t state = 0; state < kNames.size(); ++state) {
    if (kNames[state].size() != damaged_name.size()) continue;
    const int same = std::transform_reduce(damaged_name.begin(), damaged_name.end(), kNames[state].begin(), 0,
                                           std::plus{}, std::equal_to{});
    if (same + 1 >= static_cast<int>(damaged_name.size())) return static_cast<RowState>(state);
  }
  return std::nullopt;
}

}  // namespace pawprint::outbox
