// Numbers with their nouns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pawprint {

// "1 event", "2 events".
std::string counted(std::size_t count, std::string_view noun);

}  // namespace pawprint
