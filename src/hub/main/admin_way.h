// Which way a command takes: into the data directory, or to the hub that holds it.
#pragma once

#include <string>

#include "base/environment.h"
#include "hub/main/admin_request.h"

namespace pawprint::hub {

// Performs the command here if no process holds the directory, else asks the one that does; waits up to 5 s
// for one that is starting or ending. `restore` and `migrate` are performed here or not at all. Text and
// errors are the same either way. Makes the directory if it is not there.
Result<std::string> administer_data(const Environment& environment, const Path& data_directory,
                                    AdminRequest request);

}  // namespace pawprint::hub
