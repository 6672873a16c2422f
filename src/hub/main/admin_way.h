// Which way a command takes: into the data directory, or to the hub that holds it.
#pragma once

#include <string>

#include "base/environment.h"
#include "hub/main/admin_request.h"

namespace pawprint::hub {

// Performs the command here if no process holds the directory, else asks the one that does; waits up to 5 s
// for one that is starting or ending. `restore` and `migrate` are performed here or not at all. Text and
// errors are the same either way. `team add` makes a hub in a directory that has none, `restore` out of a
// backup; with any other command such a directory is kind `failed` and stays as it is.
Result<std::string> administer_data(const Environment& environment, const Path& data_directory,
                                    AdminRequest request);

}  // namespace pawprint::hub
