#include "base/sabotage.h"

#if PAWPRINT_SABOTAGE_BUILT

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "sabotage_names.h"

namespace pawprint {
namespace {

// Not from the Environment: a test's program has none, and its breaks lie below everything that could pass
// one down.
std::string name_from_environment() {
  const char* value = std::getenv("PAWPRINT_SABOTAGE");
  if (value == nullptr || *value == '\0') return {};
  if (std::ranges::find(kSabotageNames, std::string_view(value)) == kSabotageNames.end()) {
    std::fprintf(stderr, "PAWPRINT_SABOTAGE=%s: tests/sabotage.txt names no such break\n", value);
    std::abort();
  }
  return value;
}

}  // namespace

bool sabotaged(std::string_view name) {
  static const std::string the_one = name_from_environment();
  return the_one == name;
}

}  // namespace pawprint

#endif
