// Paths as the system itself would name them.
#pragma once

#include "base/disk.h"

namespace pawprint::project {

// Absolute, without links and dots as far as it exists; without a slash at its end.
Path canonical_path(const Path& path);

// As canonical_path(directory / below) for a `directory` that is canonical: only what is below it is asked
// for.
Path canonical_below(const Path& directory, const Path& below);

// Whether `path` is `directory` or below it; both canonical.
bool is_within(const Path& path, const Path& directory);

}  // namespace pawprint::project
