// Finding the bytes of one value in the text of the object or array that holds it, so that foreign JSON is
// kept and never written anew.
#pragma once

#include <cstddef>
#include <string_view>

namespace pawprint::protocol {

// The text of the value of the member at `index` (counted from 0). `object_text` must be valid JSON, an
// object with more than `index` members.
std::string_view member_slice(std::string_view object_text, std::size_t index);

// The same for the element at `index` of an array.
std::string_view element_slice(std::string_view array_text, std::size_t index);

}  // namespace pawprint::protocol
