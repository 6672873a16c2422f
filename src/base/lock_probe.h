// Asking whether somebody holds a FileLock, without making its file.
#pragma once

#include "base/disk.h"

namespace pawprint {

// Whether another process, or another holder in this one, holds the lock on `path` at this moment. No such
// file: nobody does. Creates and writes nothing and does not wait.
Result<bool> is_locked(const Path& path);

}  // namespace pawprint
