// Steps through bytes that may or may not be JSON. Every position returned is at most text.size().
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pawprint::hub::ingest {

std::size_t skip_space(std::string_view text, std::size_t at);

// Just behind the string whose opening quote is at `at`; text.size() if it never ends.
std::size_t skip_string(std::string_view text, std::size_t at);

// At the `,` or `closer` that stands outside of strings and brackets, or text.size(). Brackets are counted,
// not matched, so that a wrong one spoils no more than its own element.
std::size_t skip_element(std::string_view text, std::size_t at, char closer);

// What a JSON string with its quotes says; nullopt if it is none.
std::optional<std::string> string_value(std::string_view token);

// Whether a JSON string with its quotes says `text`, which is of letters, digits and `_` alone. No parser is
// made: a sender would have one for each of its keys.
bool says(std::string_view token, std::string_view text);

// The `event_id` at the top level of an event, as far as the bytes let one find it; nullopt if there is none
// or it is no string.
std::optional<std::string> find_event_id(std::string_view event);

// Where it is none: the number or truth value that stands there, as it was sent; empty if nothing does.
std::string find_odd_event_id(std::string_view event);

}  // namespace pawprint::hub::ingest
