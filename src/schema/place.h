// Where a value stands in a JSON document: a chain of steps from the root that lives on the stack of a walk.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pawprint::schema {

struct Place {
  const Place* parent = nullptr;  // nullptr: the root
  std::string_view key;           // the member's name, unless it is an element of an array
  std::size_t index = 0;          // which element; for a member, how many stand before it, if the walk counts
  bool is_element = false;
};

inline Place member_of(const Place& parent, std::string_view key, std::size_t index = 0) {
  return {.parent = &parent, .key = key, .index = index, .is_element = false};
}
inline Place element_of(const Place& parent, std::size_t index) {
  return {.parent = &parent, .key = {}, .index = index, .is_element = true};
}

// "payload.items[3]" where `root` is "payload".
std::string path_of(const Place& place, std::string_view root);

// The JSON Pointer (RFC 6901) from the root, "" for the root itself.
std::string pointer_of(const Place& place);

// A place that outlives the walk.
struct Spot {
  std::string path;                // path_of with an empty root
  std::vector<std::size_t> steps;  // the indexes from the root on
};
Spot spot_of(const Place& place);

// The line, from 1, on which the value stands. `text` is the valid JSON document that the spot was taken in.
int line_of(std::string_view text, const Spot& spot);

}  // namespace pawprint::schema
