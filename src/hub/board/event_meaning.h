// What one event of the log means to the board.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/store/board_rows.h"
#include "hub/store/log.h"
#include "protocol/event_reader.h"

namespace pawprint::hub::board {

// The feature of work packages whose event names none, as those of older clients may. No feature can have
// this slug.
inline constexpr std::string_view kUnknownFeature = "unknown";

struct EventMeaning {
  std::vector<std::pair<store::BoardKey, store::FactRow>> facts;
  std::optional<std::pair<store::BoardKey, store::TransitionRow>> transition;
  std::optional<store::BoardKey> work_package;  // whose card may have changed
  std::optional<store::BoardKey> feature;       // that the event names
};

// nullopt: the event has no place on the board. It belongs to no project, is of the generation that is not
// projected yet, or is not what its type demands. An event of a type that the board does not know still tells
// of its project. Words of the first generation are read as those of the second.
std::optional<EventMeaning> meaning_of(protocol::EventReader& reader, const store::LoggedEvent& event);

}  // namespace pawprint::hub::board
