#include "sqlite/stop_by.h"

#include <sqlite3.h>

#include <utility>

namespace pawprint::sqlite {

StopBy::StopBy(Connection& connection, std::stop_token stop)
    : database_(connection.handle()), stop_(std::move(stop)) {
  constexpr int kInstructionsBetween = 1000;
  sqlite3_progress_handler(database_, kInstructionsBetween, is_stopped, this);
}

StopBy::~StopBy() {
  sqlite3_progress_handler(database_, 0, nullptr, nullptr);
}

int StopBy::is_stopped(void* self) {
  return static_cast<const StopBy*>(self)->stop_.stop_requested() ? 1 : 0;
}

}  // namespace pawprint::sqlite
