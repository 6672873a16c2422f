// Named steps at which a test has a program killed, as a power cut or an impatient user would kill it.
// Compiled in by the CMake option PAWPRINT_FAILPOINTS alone; elsewhere nothing of it is left, and the
// configure step refuses it in a release build.
#pragma once

#include <string_view>

#include "failpoints_built.h"

namespace pawprint {

#if PAWPRINT_FAILPOINTS_BUILT

inline constexpr bool kFailpointsBuilt = true;

// Sends SIGKILL to this process when it passes the armed step for the nth time. Any thread.
void failpoint(std::string_view name);

// "NAME" or "NAME:NTH", counted from 1. Before there are threads; the last call counts.
void arm_failpoint(std::string_view name_and_nth);

#else

inline constexpr bool kFailpointsBuilt = false;

inline void failpoint(std::string_view) {}
inline void arm_failpoint(std::string_view) {}

#endif

}  // namespace pawprint
