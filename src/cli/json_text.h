// Text members of what the agent answers and of events.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace pawprint::cli {

// Empty: there is none, or it is no text.
std::string text_of(const boost::json::object& object, std::string_view key);

}  // namespace pawprint::cli
