// The project's own sources, for the tests that read them as text.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace pawprint::testing {

inline const std::filesystem::path kSource = PAWPRINT_SOURCE_DIR;

// The whole file; "" if there is none.
inline std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace pawprint::testing
