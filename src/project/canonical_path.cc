#include "project/canonical_path.h"

#include <algorithm>
#include <system_error>

namespace pawprint::project {

Path canonical_path(const Path& path) {
  std::error_code failed;
  Path canonical = std::filesystem::weakly_canonical(path, failed);
  if (failed) canonical = path.lexically_normal();
  return canonical.has_filename() || !canonical.has_relative_path() ? canonical : canonical.parent_path();
}

bool is_within(const Path& path, const Path& directory) {
  return std::ranges::mismatch(directory, path).in1 == directory.end();
}

}  // namespace pawprint::project
