// Taking out of outbox.db what can be read, also when parts of it are damaged.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "outbox/schema.h"

namespace pawprint::outbox {

// Rows that could not be read, by their ids, both included; 0: whichever. How many there were among them
// cannot be known.
struct UnreadableRows {
  std::int64_t first_id = 0;
  std::int64_t last_id = 0;
  std::string why;
};

struct ReadableRow {
  std::int64_t id = 0;
  std::string event_id;
  std::string data;
  std::string state;  // as the table has it
};

// Gives every row that can be read to `take`, each once; the ones behind a damaged page may come out of
// order. Opens the database read-only; one that cannot be opened or of which SQLite can read nothing is read
// page by page, as a salvage does. nullopt: there is none, or it has no tables yet. Kind `io` if nothing of
// it can be read.
Result<std::optional<std::vector<UnreadableRows>>> read_what_is_readable(
    const Environment& environment, const Path& home, const std::function<void(ReadableRow)>& take);

// Whether the WAL holds nothing, or ends within a frame: what it held was moved into the database, or is
// lost.
Result<bool> wal_is_empty_or_cut(const Environment& environment, const Path& home);

// Reads every page. Read-only; nullopt as above.
Result<std::optional<DatabaseFacts>> database_facts(const Environment& environment, const Path& home);

}  // namespace pawprint::outbox
