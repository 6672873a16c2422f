// A directory for what is made to be looked at once.
#pragma once

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/disk.h"

namespace pawprint::hub::store {

// Empties the place that it is to have of what a crash left there, and removes it in the end. Whoever uses it
// makes it.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(Path path) : path_(std::move(path)) { remove(); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ~ScratchDirectory() { remove(); }
  const Path& path() const { return path_; }

 private:
  void remove() const {
    std::error_code failed;  // it takes room, nothing else
    std::filesystem::remove_all(path_, failed);
  }
  Path path_;
};

}  // namespace pawprint::hub::store
