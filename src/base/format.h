// fmt::format for everybody. The library is compiled once, in format.cc, because Debian has no archive of it.
#pragma once

#include <fmt/core.h>
