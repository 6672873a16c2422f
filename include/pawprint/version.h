// The version of the library and of every program of Pawprint.
#pragma once

#include <string_view>

namespace pawprint {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace pawprint
