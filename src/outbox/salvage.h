// Setting a damaged outbox.db aside and going on with what can be read of it (docs/state.md).
#pragma once

#include "base/environment.h"

namespace pawprint::outbox {

// What is mended wants home.lock to be held and none of the caller's connections to be open. Kind `io` if the
// disk refuses; the damaged files are then where they were, or complete under their other name, and a salvage
// that was interrupted is finished by the next process that opens the queue to write.

// Whatever state it is in: outbox.db becomes outbox.db.corrupt-<ULID> (its -wal and -shm too).
Result<void> salvage(const Environment& environment, const Path& home);

// If SQLite cannot make sense of the file, or it is lost while its WAL is not, or the WAL is damaged before
// its end, or a salvage was interrupted. Else there is nothing to mend.
Result<void> salvage_if_damaged(const Environment& environment, const Path& home);

// Whether a salvage was interrupted when outbox.db had been set aside: nobody may make another one then.
Result<bool> is_salvage_to_be_finished(Disk& disk, const Path& home);
// Kind `io` then: there is a queue, though no outbox.db.
Result<void> refuse_unfinished_salvage(Disk& disk, const Path& home);

}  // namespace pawprint::outbox
