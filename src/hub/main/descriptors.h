// How many connections the limit on open files of this process holds.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace pawprint::hub {

struct Connections {
  std::size_t connections = 0;
  std::string warning;  // why that is less than usual; empty: it is not
};

// Raises the limit of this process to the most that it may have, and says how many connections there can be:
// `wanted`, or as many as usual if that is 0 and they fit. A number that was asked for and does not fit, and
// a limit under which a hub is of no use: kind `failed`.
Result<Connections> room_for_connections(std::size_t wanted, bool has_tls);

}  // namespace pawprint::hub
