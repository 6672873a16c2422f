// Setting a damaged outbox.db aside and going on with what can be read of it (docs/state.md).
#pragma once

#include <optional>

#include "base/environment.h"
#include "pawprint/warning.h"

namespace pawprint::outbox {

// All of these want home.lock to be held and none of the caller's connections to be open. The report, under
// the cause `outbox-salvaged`, names the file that was set aside and says what was carried over and what was
// lost. Kind `io` if the disk refuses; the damaged files are then where they were, or complete under their
// other name.

// Whatever state it is in: outbox.db becomes outbox.db.corrupt-<ULID> (its -wal and -shm too).
Result<Warning> salvage(const Environment& environment, const Path& home);

// If SQLite cannot make sense of the file, or it is lost while its WAL is not, or the WAL is damaged before
// its end, or a salvage was interrupted.
// nullopt: there is nothing to mend.
Result<std::optional<Warning>> salvage_if_damaged(const Environment& environment, const Path& home);

}  // namespace pawprint::outbox
