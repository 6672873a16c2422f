// What one event means to the board: the rows that come of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/store/board_rows.h"
#include "protocol/event_reader.h"

namespace pawprint::hub::store {

// The feature of work packages whose event names none, as those of older clients may. No feature can have
// this slug.
inline constexpr std::string_view kUnknownFeature = "unknown";

struct EventMeaning {
  std::vector<std::pair<BoardKey, FactRow>> facts;
  std::optional<std::pair<BoardKey, TransitionRow>> transition;
  std::optional<BoardKey> work_package;  // whose card may have changed
  std::optional<BoardKey> feature;       // that the event names
};

// nullopt: the event has no place on the board. It belongs to no project, or is of the generation that is not
// projected yet. An event of a type that the board does not know still tells of its project. Words of the
// first generation are read as those of the second. The payload must have passed its check.
std::optional<EventMeaning> meaning_of(const protocol::ReadEvent& event,
                                       const std::optional<std::string>& project_uuid);

}  // namespace pawprint::hub::store
