// Paths as the system itself would name them.
#pragma once

#include "base/disk.h"

namespace pawprint::project {

// Absolute, without links and dots as far as it exists; without a slash at its end.
Path canonical_path(const Path& path);

// Whether `path` is `directory` or below it; both canonical.
bool is_within(const Path& path, const Path& directory);

}  // namespace pawprint::project
