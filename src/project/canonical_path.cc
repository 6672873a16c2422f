#include "project/canonical_path.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace pawprint::project {

Path canonical_path(const Path& path) {
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  if (path.is_absolute()) {
    const std::unique_ptr<char, Free> resolved(::realpath(path.c_str(), nullptr));
    if (resolved) return Path(resolved.get());
  }
  std::error_code failed;
  Path canonical = std::filesystem::weakly_canonical(path, failed);
  if (failed) canonical = path.lexically_normal();
  return canonical.has_filename() || !canonical.has_relative_path() ? canonical : canonical.parent_path();
}

Path canonical_below(const Path& directory, const Path& below) {
  Path at = directory;
  for (const Path& name : below) {
    at /= name;
    std::error_code failed;
    const auto status = std::filesystem::symlink_status(at, failed);
    if (status.type() == std::filesystem::file_type::not_found) return directory / below;
    if (failed || std::filesystem::is_symlink(status)) return canonical_path(directory / below);
  }
  return at;
}

bool is_within(const Path& path, const Path& directory) {
  return std::ranges::mismatch(directory, path).in1 == directory.end();
}

}  // namespace pawprint::project
