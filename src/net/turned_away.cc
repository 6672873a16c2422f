#include "net/turned_away.h"

namespace pawprint::net {

TurnedAway no_room_for_body(Room room) {
  if (room == Room::none_for_account) return {429, "too many bodies of yours are being read already"};
  return {503, "too many bodies are being read already"};
}

TurnedAway no_room_for_answer(Room room) {
  if (room == Room::none_for_account) return {429, "too many answers to you wait to be read"};
  return {503, "too many answers wait to be read"};
}

TurnedAway no_place(Room room, bool is_slow) {
  if (room == Room::none_for_account) return {429, "too many requests of yours wait already"};
  return {is_slow ? 429 : 503, "too many requests wait already"};
}

}  // namespace pawprint::net
