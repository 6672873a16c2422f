// Programs that lock outbox.db without home.lock, which no part of Pawprint does.
#pragma once

#include <sys/types.h>

#include <optional>

#include "base/environment.h"

namespace pawprint::outbox {

// The process of one that keeps everybody else from writing at this moment; nullopt: there is none, or ours
// are at work; 0 or less: it has no number here. Takes home.lock while it looks, if nobody has it. Who calls
// has no outbox open (sqlite/lock_holder.h). Kind `io`.
Result<std::optional<pid_t>> foreign_writer(const Environment& environment, const Path& home);

}  // namespace pawprint::outbox
