// Moving one row to another state, with its counters. The table of what is allowed is in row.cc.
#pragma once

#include "outbox/counters.h"
#include "outbox/row.h"

namespace pawprint::outbox {

// What the column `state` of row `id` says. Kind `io` for what is no state: the database is damaged.
Result<RowState> state_of_row(Database& database, std::int64_t id, std::string_view name);

// Inside a transaction. False: the row is there already, or has another link than it was sent along. A move
// that the table does not allow and a row that does not exist are kind `failed`.
Result<bool> move_row(Database& database, const Settlement& settlement, std::int64_t now_ms,
                      CounterChanges& changes);

}  // namespace pawprint::outbox
