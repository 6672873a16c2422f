#include <algorithm>

#include "base/counted.h"
#include "base/file_lock.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "outbox/clock_file.h"
#include "outbox/outbox.h"
#include "outbox/salvage.h"
#include "outbox/salvage_report.h"
#include "outbox/schema.h"
#include "outbox/standing.h"

namespace pawprint::outbox {
namespace {

// Whoever made the home, and what it stands in, may not have synced their names yet.
Result<void> make_home(Disk& disk, const Path& home) {
  std::vector<Path> to_sync{home.parent_path()};
  for (;;) {
    const Path above = to_sync.back();
    PAW_TRY(there, disk.status(above));
    if (there || above == above.parent_path()) break;
    to_sync.push_back(above.parent_path());
  }
  PAW_TRY(made, disk.make_directories(home, 0700));
  for (const Path& each : to_sync) {
    PAW_TRY(synced, disk.sync_directory(each));
  }
  return {};
}

// Two processes that open a home for the first time take turns: whoever comes second finds the tables.
Result<Database> create_and_open(const Environment& environment, const Path& home, LockWait wait) {
  PAW_TRY(database_there, environment.disk->status(home / kDatabase));
  if (!database_there) {
    PAW_TRY(made, make_home(*environment.disk, home));
  }
  PAW_TRY(locks, lock_kind_for(*environment.disk, home));
  PAW_TRY(lock, FileLock::acquire(home / kHomeLock, wait, locks));
  PAW_TRY(mended, salvage_if_damaged(environment, home));
  PAW_TRY(created, create_database(*environment.disk, home / kDatabase));
  PAW_TRY(database, Database::open(environment, home, sqlite::Access::read_write));
  if (database) return *std::move(database);
  return fail(ErrorKind::io, fmt::format("cannot use {}: it has no tables", (home / kDatabase).string()));
}

// Nothing tells what they held: a commit is one event or several, or what became of them.
Warning report_of_lost_end(const Path& home, std::uint64_t pages) {
  return {
      "outbox-cut",
      fmt::format(
          "{} has lost its end, and {} that had been committed with it; what was queued last may be missing",
          (home / kWal).string(), counted(pages, "page")),
      "pawprint sync list"};
}

// A program that keeps the index to itself (locking_mode=EXCLUSIVE) moves all of the WAL into the database
// and removes it, and the index goes on to name what was in it. Nobody has taken a value, then, that the
// queue has not seen.
bool was_moved(Disk& disk, Database& database) {
  const auto wal = disk.status(database.home() / kWal);
  if (!wal || (*wal && (*wal)->size_bytes > 0)) return false;
  const auto clock = read_file(disk, database.home() / "clock.json");
  const auto last = clock && *clock ? read_clock_file(**clock) : std::nullopt;
  const auto standing = read_standing(database);
  return last && standing && *last <= standing->values.high_water;
}

}  // namespace

Outbox::Outbox(const Environment& environment, Database database, LockWait wait)
    : environment_(&environment), wait_(wait), database_(std::move(database)) {
  database_.wait_for_lock(wait);
  const std::uint64_t pages = database_.wal_pages_gone();
  if (pages > 0 && !was_moved(*environment.disk, database_))
    reports_.push_back(report_of_lost_end(database_.home(), pages));
  look_for_salvages();
}

void Outbox::look_for_salvages() {
  const auto reports = salvage_reports_to_tell(*environment_->disk, database_.home());
  if (!reports) {
    reports_.push_back({"outbox-salvaged", "what a salvage found cannot be told: " + reports.error().message,
                        reports.error().hint.empty() ? "pawprint doctor" : reports.error().hint});
    return;
  }
  for (const auto& [set_aside, message] : *reports) {
    if (std::ranges::find(untold_salvages_, set_aside) != untold_salvages_.end()) continue;
    untold_salvages_.push_back(set_aside);
    reports_.push_back({"outbox-salvaged " + set_aside, message, "pawprint sync status"});
  }
}

Result<Outbox> Outbox::open(const Environment& environment, const Path& home, LockWait wait) {
  PAW_TRY(status, environment.disk->status(home / kDatabase));
  if (status) {
    auto database = Database::open(environment, home, sqlite::Access::read_write);
    if (database && *database) return Outbox(environment, **std::move(database), wait);
    // Busy: another process is just making it, and is done with that when we have the lock. Input or output:
    // it may be damaged, which can be judged only under the lock.
    if (!database && database.error().kind != ErrorKind::busy && database.error().kind != ErrorKind::io)
      return std::unexpected(std::move(database).error());
  }
  PAW_TRY(opened, create_and_open(environment, home, wait));
  return Outbox(environment, std::move(opened), wait);
}

Result<std::optional<Outbox>> Outbox::open_existing(const Environment& environment, const Path& home) {
  if (sabotaged("reading-writes")) return open(environment, home);
  PAW_TRY(status, environment.disk->status(home / kDatabase));
  if (!status) {
    PAW_TRY(finished, refuse_unfinished_salvage(*environment.disk, home));
    return std::nullopt;
  }
  PAW_TRY(database, Database::open(environment, home, sqlite::Access::read_only));
  if (!database) return std::nullopt;
  Outbox outbox(environment, *std::move(database));
  outbox.writable_ = false;
  return std::optional(std::move(outbox));
}

Result<void> Outbox::mend() {
  PAW_TRY(locks, lock_kind_for(*environment_->disk, database_.home()));
  PAW_TRY(lock, FileLock::acquire(database_.home() / kHomeLock, wait_, locks));
  PAW_TRY(replaced, database_.replaced());
  if (!replaced) {
    PAW_TRY(salvaged, salvage(*environment_, database_.home()));
    look_for_salvages();
  }
  return database_.reopen();
}

Result<void> Outbox::mend_if_damaged() {
  const auto found = database_.damage();
  if (found ? !found->empty() : database_.damaged()) return mend();
  return found ? Result<void>() : std::unexpected(found.error());
}

Result<void> Outbox::forget_salvages() {
  constexpr std::chrono::milliseconds kNoWait{0};
  PAW_TRY(locks, lock_kind_for(*environment_->disk, database_.home()));
  PAW_TRY(lock, FileLock::acquire(database_.home() / kHomeLock, kNoWait, locks));
  PAW_TRY(interrupted, is_salvage_to_be_finished(*environment_->disk, database_.home()));
  if (interrupted) return {};  // whoever finishes it reads its report
  return forget_salvage_reports(*environment_->disk, database_.home(), untold_salvages_);
}

void Outbox::report_to(Warnings& warnings) {
  for (const Warning& report : reports_) warnings.add(report.cause, report.message, report.hint);
  if (untold_salvages_.empty() || !writable_) return;
  // Where that fails, they are told again.
  if (const auto forgotten = forget_salvages(); forgotten) untold_salvages_.clear();
}

}  // namespace pawprint::outbox
