#include "kill/small_home.h"

#include <cstdlib>
#include <iostream>

namespace pawprint::testing {

SmallHome::SmallHome() {
  std::string pattern = std::filesystem::temp_directory_path() / "paw-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  directory_ = std::filesystem::canonical(pattern);
  std::filesystem::create_directories(project() / ".kittify");
}

SmallHome::~SmallHome() {
  std::error_code failed;
  std::filesystem::remove_all(directory_, failed);
  if (failed) std::cerr << "left behind: " << directory_ << ": " << failed.message() << "\n";
}

}  // namespace pawprint::testing
