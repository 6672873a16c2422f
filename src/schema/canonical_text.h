// When JSON Schema calls two values equal: numbers by value, members in any order.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace pawprint::schema {

// The same text for two values exactly when they are equal. Not for people, and not for hashes that are kept.
std::string canonical_text(const boost::json::value& value);

// Whether it is a number without a fraction, however it is written; 1.0 is.
bool is_integral(const boost::json::value& value);

// The number as a type that holds every 64-bit integer and every double exactly. `value` must be a number.
long double number_of(const boost::json::value& value);

}  // namespace pawprint::schema
