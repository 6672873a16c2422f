// The schema of hub.db as an ordered list of steps, which only go forward; table `schema_version` says how
// many were done.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "sqlite/connection.h"

namespace pawprint::hub::store {

struct Migration {
  std::int64_t version;  // 1, 2, 3 ...
  std::string_view sql;
  std::string_view what = {};  // for an administrator, as "invitations"
};

struct MigrationStep {
  std::int64_t version;
  std::string_view what;
  std::int64_t took_ms;
};

struct MigrationReport {
  std::int64_t from = 0;  // 0: there was nothing
  std::int64_t to = 0;
  std::vector<MigrationStep> steps;  // those between
};

// Version 1 is the log with its users and sessions, version 2 the projection; what came later is in the list.
std::span<const Migration> migrations();

// The version of the schema in a file, 0 if it has none. Newer than the last of `steps`: kind `failed`.
Result<std::int64_t> schema_version(sqlite::Connection& connection,
                                    std::span<const Migration> steps = migrations());

// Does the steps that the file lacks and mints the epoch, all in one transaction: whatever happens, the file
// has the schema it had or the one that this program knows. A file made by a newer program: kind `failed`,
// and it stays as it was.
Result<MigrationReport> migrate(sqlite::Connection& connection, const Environment& environment,
                                std::span<const Migration> steps = migrations());

}  // namespace pawprint::hub::store
