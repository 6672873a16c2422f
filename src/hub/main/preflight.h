// What can be said of the settings of `serve` before anything is started or made: `serve` and `config check`
// ask it alike.
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

// Looks at the data directory if it is there, the certificate with its key, the token for the metrics, and
// the limit on open files, which it raises. Kind `failed` or `io` for what cannot be used.
Result<Preflight> look_at_settings(const Environment& environment, const Serve& wanted);

}  // namespace pawprint::hub
