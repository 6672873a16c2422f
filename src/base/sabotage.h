// Deliberate breaks, compiled in by name, that prove that a test can fail (tests/sabotage.txt, `./dev
// sabotage`). In every ordinary build the name is empty and the compiler removes the broken branch.
#pragma once

#include <string_view>

#include "sabotage_name.h"

namespace pawprint {

constexpr bool sabotaged(std::string_view name) {
  return name == PAWPRINT_SABOTAGE_NAME;
}

}  // namespace pawprint
