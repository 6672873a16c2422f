#include "hub/store/mark.h"

#include <utility>

#include "base/format.h"
#include "sqlite/file_format.h"

namespace pawprint::hub::store {

Result<void> set_mark(sqlite::Connection& connection, Mark mark) {
  return connection.execute(fmt::format("PRAGMA application_id = {}", std::to_underlying(mark)));
}

Result<bool> has_mark(Disk& disk, const Path& file, Mark mark) {
  constexpr std::size_t kMarkAt = 68, kMarkBytes = 4;
  PAW_TRY(there, disk.status(file));
  if (!there || there->size_bytes < kMarkAt + kMarkBytes) return false;
  PAW_TRY(opened, disk.open(file, OpenMode::read));
  PAW_TRY(bytes, opened->read_at(kMarkAt, kMarkBytes));
  return bytes.size() == kMarkBytes && sqlite::word(bytes, 0) == std::to_underlying(mark);
}

}  // namespace pawprint::hub::store
