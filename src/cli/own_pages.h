// The memory of a command, had in few calls.
#pragma once

namespace pawprint::cli {

// What takes an interruption of the process for each page that is touched first takes one call each for the
// code that every command runs and for the heap that an emission fills, which grows once and gives nothing
// back before the end of the process. To be called first in main. Nothing but speed depends on it: a kernel
// that does not know the calls (Linux before 5.14) refuses them.
void take_own_pages();

}  // namespace pawprint::cli
