// Cuts {"events":[...]} into its elements without reading them: a scanner that knows only strings and
// brackets, so that an element that is not valid JSON, or not UTF-8, harms none of its neighbours. What came
// one by one is never cut.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawprint::hub::ingest {

// The elements, in order, as slices of `body` without white space around them. Other keys of the frame are
// skipped. Kind `invalid` when the frame cannot be cut: not an object, no array "events" or two of them, a
// bracket or string that never ends, anything behind the object. Linear in the size of the body, no
// recursion. Stops with more than `max_events` elements, one above it returned.
Result<std::vector<std::string_view>> cut_events(std::string_view body, std::size_t max_events);

struct SideBySide {
  std::shared_ptr<const std::string> whole;
  std::vector<std::string_view> events;  // slices of it, one for each text, without white space around them
};
SideBySide side_by_side(std::span<const std::string> texts);

}  // namespace pawprint::hub::ingest
