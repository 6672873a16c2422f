// `pawprint-hub serve`: everything the hub is made of, put together, until a signal ends it.
#pragma once

#include "base/environment.h"
#include "hub/main/arguments.h"

namespace pawprint::hub {

// Prints the ready line, then serves until SIGTERM or SIGINT; requests under way are answered before it
// returns, unless such a signal comes again. SIGHUP has it read the certificate again. To be called before
// any other thread is started, because it changes the signal mask.
Result<void> serve(const Environment& environment, const Serve& wanted);

}  // namespace pawprint::hub
