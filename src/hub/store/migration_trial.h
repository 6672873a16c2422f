// What a newer program would do to a hub's database, tried on a copy of it.
#pragma once

#include <cstdint>

#include "base/environment.h"
#include "hub/store/migrations.h"

namespace pawprint::hub::store {

struct MigrationTrial {
  MigrationReport report;
  std::int64_t copied_ms = 0;   // what making the copy took; 0 if none was needed
  std::int64_t checked_ms = 0;  // what looking through the migrated copy took
};

// The version of the schema in the directory. No database there: kind `failed`; one of a newer program:
// `failed`. Only reads, also while a hub has the directory; beside one that was cut short SQLite makes the
// index of its WAL (-shm).
Result<std::int64_t> schema_version_in(const Environment& environment, const Path& data_directory);

// Copies the database to DIR/migrate, does what migrate() would do to it, has SQLite check the outcome, and
// removes the copy. What fails there would fail in earnest. Errors as above, and kind `failed` if there is no
// room for the copy, or if the migrated copy is not sound.
Result<MigrationTrial> try_migrations(const Environment& environment, const Path& data_directory);

}  // namespace pawprint::hub::store
