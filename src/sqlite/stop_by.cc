#include "sqlite/stop_by.h"

#include <sqlite3.h>

#include <utility>

namespace pawprint::sqlite {

// A single instruction may take long, as the one that checks all pages does, and heeds an interrupt alone
// (sqlite.org/c3ref/interrupt.html). A statement that begins forgets one that came before: it is told by the
// handler at its first jump, which costs nothing that can be measured.
StopBy::StopBy(Connection& connection, std::stop_token stop)
    : database_(connection.handle()), stop_(std::move(stop)) {
  constexpr int kInstructionsBetween = 1;
  sqlite3_progress_handler(database_, kInstructionsBetween, is_stopped, this);
  interrupt_.emplace(stop_, [this] { sqlite3_interrupt(database_); });
}

StopBy::~StopBy() {
  interrupt_.reset();
  sqlite3_progress_handler(database_, 0, nullptr, nullptr);
  // An interrupt that came when no statement ran would end a checkpoint; compiling something forgets it.
  sqlite3_stmt* nothing = nullptr;
  sqlite3_prepare_v2(database_, "", 0, &nothing, nullptr);
}

int StopBy::is_stopped(void* self) {
  return static_cast<const StopBy*>(self)->stop_.stop_requested() ? 1 : 0;
}

}  // namespace pawprint::sqlite
