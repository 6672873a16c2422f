#include "schema/place.h"

#include <algorithm>

#include "protocol/json.h"
#include "protocol/member_slice.h"

namespace pawprint::schema {

std::string path_of(const Place& place, std::string_view root) {
  if (place.parent == nullptr) return std::string(root);
  const std::string parent = path_of(*place.parent, root);
  if (place.is_element) return protocol::child_path(parent, place.index);
  return protocol::child_path(parent, place.key);
}

std::string pointer_of(const Place& place) {
  if (place.parent == nullptr) return {};
  std::string pointer = pointer_of(*place.parent) + "/";
  if (place.is_element) return pointer + std::to_string(place.index);
  for (const char c : place.key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

Spot spot_of(const Place& place) {
  Spot spot{.path = path_of(place, ""), .steps = {}};
  for (const Place* at = &place; at->parent != nullptr; at = at->parent) spot.steps.push_back(at->index);
  std::ranges::reverse(spot.steps);
  return spot;
}

int line_of(std::string_view text, const Spot& spot) {
  std::string_view slice = text.substr(text.find_first_not_of(" \t\r\n"));
  for (const std::size_t step : spot.steps) {
    slice = slice.front() == '{' ? protocol::member_slice(slice, step) : protocol::element_slice(slice, step);
  }
  return 1 + static_cast<int>(std::count(text.data(), slice.data(), '\n'));
}

}  // namespace pawprint::schema
