// An error in one line, for a log: what is wrong, and the next command to type.
#pragma once

#include <string>

#include "pawprint/error.h"

namespace pawprint {

inline std::string error_line(const Error& error) {
  return error.hint.empty() ? error.message : error.message + "; try: " + error.hint;
}

}  // namespace pawprint
