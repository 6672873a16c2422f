// Asking whether somebody holds a FileLock, without making its file.
#pragma once

#include "base/disk.h"
#include "base/file_lock.h"

namespace pawprint {

// Whether another process, or another holder in this one, holds the lock on `path` at this moment. No such
// file: nobody does. A lock of the other kind is not seen. Creates and writes nothing and does not wait.
Result<bool> is_locked(const Path& path, LockKind kind = LockKind::flock);

}  // namespace pawprint
