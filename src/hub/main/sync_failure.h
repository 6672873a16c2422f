// What the program does when the disk did not keep what was written.
#pragma once

#include "hub/store/store.h"

namespace pawprint::hub {

inline constexpr int kSyncFailed = 74;  // the exit code: EX_IOERR of sysexits.h

// From now on a sync that fails ends the process at once, with a line on stderr: no answer leaves it any
// more. Such a failure is told once; what was written then reads well and is not on the disk, and only a new
// process finds out what there is.
void stop_on_sync_failure(store::Store& store);

}  // namespace pawprint::hub
