#include "hub/main/sync_failure.h"

#include <cstdio>
#include <cstdlib>

namespace pawprint::hub {

void stop_on_sync_failure(store::Store& store) {
  store.on_sync_failure([] {
    std::fputs("pawprint-hub: the disk failed to keep what was written; stopping, start the hub again\n",
               stderr);
    std::_Exit(kSyncFailed);
  });
}

}  // namespace pawprint::hub
