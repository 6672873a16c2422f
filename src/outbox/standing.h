// What `meta` says of the queue as a whole, for who is about to append.
#pragma once

#include <cstdint>
#include <map>

#include "outbox/outbox.h"

namespace pawprint::outbox {

struct Standing {
  SingleValues values;
  // As pending_of_link(), by link; a class that never had a row is missing.
  std::map<std::int64_t, std::uint64_t> pending;
};

// One pass over `meta`, which has a few rows for each link, project and reason: a plain statement, as a
// process that appends once compiles it for that. Errors: those of the database.
Result<Standing> read_standing(Database& database);

}  // namespace pawprint::outbox
