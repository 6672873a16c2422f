// Deliberate breaks that prove that a test can fail: `PAWPRINT_SABOTAGE=name` in the environment of a program
// of the dev build switches one on, and `./dev sabotage` runs the tests that must notice (tests/sabotage.txt,
// ADR 0014). Compiled in by the CMake option PAWPRINT_SABOTAGE alone; elsewhere nothing of it is left, and
// the configure step refuses it in a release build.
#pragma once

#include <string_view>

#include "sabotage_built.h"

namespace pawprint {

#if PAWPRINT_SABOTAGE_BUILT

#ifdef __OPTIMIZE__
#error "no program that somebody uses may carry the deliberate breaks"
#endif

// Whether this process was started with the break `name`. The environment is read once; a name that
// tests/sabotage.txt does not have ends the process, since a test that stays green then would prove nothing.
// Any thread.
bool sabotaged(std::string_view name);

#else

consteval bool sabotaged(std::string_view) {
  return false;
}

#endif

}  // namespace pawprint
