// A disk whose every sync takes 5 ms, below SQLite (https://sqlite.org/vfs.html). The real one is not asked.
#pragma once

namespace pawprint::testing {

inline constexpr int kSlowSyncMs = 5;

// From now on, in this process, for each database that is opened.
void make_syncs_slow();

}  // namespace pawprint::testing
