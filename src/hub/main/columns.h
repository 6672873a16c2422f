// Lists for people and for `awk`: a row per line, its cells aligned.
#pragma once

#include <string>
#include <vector>

namespace pawprint::hub {

using Rows = std::vector<std::vector<std::string>>;  // all of one length

// Two spaces between cells, none behind the last; an empty cell is "-". Safe to print.
std::string in_columns(const Rows& rows);

}  // namespace pawprint::hub
