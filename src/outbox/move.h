// Moving one row to another state, with its counters. The table of what is allowed is in row.cc.
#pragma once

#include "outbox/counters.h"
#include "outbox/row.h"

namespace pawprint::outbox {

// Inside a transaction. False: the row is there already. A move that the table does not allow and a row that
// does not exist are kind `failed`.
Result<bool> move_row(Database& database, const Settlement& settlement, std::int64_t now_ms,
                      CounterChanges& changes);

}  // namespace pawprint::outbox
