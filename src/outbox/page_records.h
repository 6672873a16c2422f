// The records in the pages of an SQLite database, read without SQLite, so that a damaged page costs its own
// records and no others. Formats: sqlite.org/fileformat2.html, 1.5-1.6 (pages, cells), 2.1 (records).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace pawprint::outbox {

// NULL (and floating-point numbers, which the outbox has none of), integer, text or blob.
using RecordValue = std::variant<std::monostate, std::int64_t, std::string_view>;

struct PageRecord {
  std::optional<std::int64_t> row_id;  // nullopt: of an index
  std::vector<RecordValue> values;     // text is valid during the call
};

// Gives every record of tables and indexes to `take`, in no order. A page counts as the last committed frame
// of the WAL has it; of a WAL that is damaged, also as it stands behind the damage, so that a record may come
// in two states. A page that was freed may still give records which were deleted or have changed since,
// unless the list of free pages can be read.
void read_records(std::string_view database, std::string_view wal,
                  const std::function<void(const PageRecord&)>& take);

}  // namespace pawprint::outbox
