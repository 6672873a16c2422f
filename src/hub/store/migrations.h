// The schema of hub.db as an ordered list of steps; table `schema_version` says how many were done.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/environment.h"
#include "sqlite/connection.h"

namespace pawprint::hub::store {

struct Migration {
  std::int64_t version;  // 1, 2, 3 ...
  std::string_view sql;
};

// Version 1 is the log with its users and sessions, version 2 the projection; what came later is in the list.
std::span<const Migration> migrations();

// Does the steps that the file lacks, each in a transaction of its own, and mints the epoch. A file made by a
// newer program: kind `failed`, and it stays as it was.
Result<void> migrate(sqlite::Connection& connection, const Environment& environment,
                     std::span<const Migration> steps = migrations());

}  // namespace pawprint::hub::store
