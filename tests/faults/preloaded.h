// The variables that make a program load preload.cc, which breaks what it asks the kernel for.
#pragma once

#include <map>
#include <string>

namespace pawprint::testing {

inline std::map<std::string, std::string> preloaded(std::map<std::string, std::string> variables) {
  variables["LD_PRELOAD"] = PAWPRINT_PRELOAD;
  variables["ASAN_OPTIONS"] = "verify_asan_link_order=0";
  return variables;
}

}  // namespace pawprint::testing
