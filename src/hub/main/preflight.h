// What can be said of the settings of `serve` before anything is started or made.
#pragma once

#include <string>

#include "base/environment.h"
#include "hub/main/arguments.h"
#include "hub/main/descriptors.h"

namespace pawprint::hub {

struct Preflight {
  Connections room;
  std::string metrics_token;  // empty: there is none
};

// `serve` and `config check` ask it alike. Looks at the data directory if it is there, the certificate with
// its key, the token for the metrics, and the limit on open files, which it raises. Kind `failed` or `io` for
// what cannot be used.
Result<Preflight> look_at_settings(const Environment& environment, const Serve& wanted);

// What `serve` finds out when it opens the database, for who does not: whether the one in the directory, if
// there is any, is one of this program or of an older one. Only reads, also while a hub has it;
// beside one that was cut short SQLite makes the index of its WAL (-shm).
Result<void> look_at_database(const Environment& environment, const Path& data_directory);

}  // namespace pawprint::hub
