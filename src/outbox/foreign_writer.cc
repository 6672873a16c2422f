#include "outbox/foreign_writer.h"

#include "base/file_lock.h"
#include "outbox/database.h"
#include "sqlite/lock_holder.h"

namespace pawprint::outbox {

Result<std::optional<pid_t>> foreign_writer(const Environment& environment, const Path& home) {
  const Path lock_file = home / kHomeLock;
  PAW_TRY(lock_there, environment.disk->status(lock_file));
  if (!lock_there) return sqlite::lock_holder(home / kDatabase);  // taking it would make it
  PAW_TRY(locks, lock_kind_for(*environment.disk, home));
  const auto lock = FileLock::acquire(lock_file, std::chrono::milliseconds(0), locks);
  if (!lock && lock.error().kind == ErrorKind::busy) return std::nullopt;
  if (!lock) return std::unexpected(lock.error());
  return sqlite::lock_holder(home / kDatabase);
}

}  // namespace pawprint::outbox
