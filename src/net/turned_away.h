// What requests are told that are not handled.
#pragma once

#include <string_view>

#include "net/crew.h"

namespace pawprint::net {

struct TurnedAway {
  int status = 0;
  std::string_view why;  // half a sentence
};

inline constexpr TurnedAway kTooLarge{413, "the body has more bytes than this path takes"};
inline constexpr TurnedAway kNoMemory{503, "there is no memory left for this request"};

// Of a room that is not there: 429 if others would find some, or if the request is a slow one, else 503.
TurnedAway no_room_for_body(Room room);
TurnedAway no_room_for_answer(Room room);
TurnedAway no_place(Room room, bool is_slow);

}  // namespace pawprint::net
