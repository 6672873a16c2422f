// What one event means to the board: the rows that come of it.
#pragma once

#include <boost/container/static_vector.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "hub/store/board_rows.h"
#include "protocol/event_reader.h"

namespace pawprint::hub::store {

// The feature of work packages whose event names none, as those of older clients may. No feature can have
// this slug.
inline constexpr std::string_view kUnknownFeature = "unknown";

struct EventMeaning {
  struct Fact {
    FactKind kind;
    std::string value;
  };

  BoardKey place;  // the project; the feature and the work package if the event is of one
  boost::container::static_vector<Fact, 4> facts;  // no event tells more
  TransitionRow row;  // of every event its order and its timestamp; all of it if it `is_transition`
  bool is_transition = false;
};

// nullopt: the event has no place on the board. It belongs to no project, or is of the generation that is not
// projected yet. An event of a type that the board does not know still tells of its project. Words of the
// first generation are read as those of the second. The payload must have passed its check. Takes out of the
// envelope what nobody else keeps: its cause, its timestamp and the names of its project.
std::optional<EventMeaning> meaning_of(protocol::ReadEvent& event,
                                       const std::optional<std::string>& project_uuid);

}  // namespace pawprint::hub::store
