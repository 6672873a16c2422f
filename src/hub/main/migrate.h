// `pawprint-hub migrate`: the schema of the database brought up to date before a hub is started, or tried.
#pragma once

#include <string>

#include "base/environment.h"

namespace pawprint::hub {

// Brings the database of the directory to the schema of this program and says from which version to which.
// Not while a hub has it open: kind `busy`, unless there is nothing to do.
Result<std::string> migrate_data(const Environment& environment, const Path& data_directory);

// What migrate_data would do, tried on a copy; the database stays as it is, and a hub may be using it.
Result<std::string> try_migrate_data(const Environment& environment, const Path& data_directory);

}  // namespace pawprint::hub
