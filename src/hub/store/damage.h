// A database file that is not what was written.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"

namespace pawprint::hub::store {

// What SQLite finds wrong with the file, pages and indexes, each a line; at most ten findings, none: it is
// sound. Reads all of it.
Result<std::vector<std::string>> find_damage(sqlite::Connection& connection);

// `error` with what to type if it is because the file is damaged: back to a backup.
Error with_way_back(Error error, bool is_damaged);

}  // namespace pawprint::hub::store
