// How big a test is: small in CI, and as big as an environment variable says on demand.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace pawprint::testing {

// The number that the variable `name` holds.
inline std::uint64_t from_variable(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::stoull(value);
}

}  // namespace pawprint::testing
