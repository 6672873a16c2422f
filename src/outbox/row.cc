#include "outbox/row.h"

#include <algorithm>
#include <array>

namespace pawprint::outbox {
namespace {

struct Move {
  RowState from;
  RowState to;
};

constexpr std::array kMoves{
    Move{RowState::intent, RowState::pending}, Move{RowState::intent, RowState::dropped},
    Move{RowState::pending, RowState::sent},   Move{RowState::pending, RowState::parked},
    Move{RowState::parked, RowState::pending}, Move{RowState::parked, RowState::discarded},
};

}  // namespace

bool may_move(RowState from, RowState to) {
  return std::ranges::any_of(kMoves, [&](const Move& move) { return move.from == from && move.to == to; });
}

std::string_view name_of(RowState state) {
  switch (state) {
    case RowState::intent:
      return "intent";
    case RowState::pending:
      return "pending";
    case RowState::sent:
      return "sent";
    case RowState::parked:
      return "parked";
    case RowState::discarded:
      return "discarded";
    case RowState::dropped:
      return "dropped";
  }
  return "";
}

}  // namespace pawprint::outbox
