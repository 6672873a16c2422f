// An emitter over a given environment, for programs that make their own, and for tests.
#pragma once

#include "base/environment.h"
#include "pawprint/emitter.h"

namespace pawprint::client {

// `environment` is copied; what its pointers point to must outlive the emitter. Opens nothing.
Emitter make_emitter(const Environment& environment);

// The same, kept until the process ends, which closes at once what a destructor closes piece by piece. For
// one thread.
Emitter& make_lasting_emitter(const Environment& environment);

}  // namespace pawprint::client
