// What the hub keeps, as small interfaces over one database file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hub/store/boards.h"
#include "hub/store/database.h"
#include "hub/store/disk_room.h"
#include "hub/store/invitations.h"
#include "hub/store/log.h"
#include "hub/store/machine_tokens.h"
#include "hub/store/sessions.h"
#include "hub/store/users.h"
#include "hub/store/way_back.h"
#include "hub/store/write_probe.h"

namespace pawprint::hub::store {

// Thread-safe, as its parts are. Only one process may have a data directory open: whoever calls open() holds
// the lock on it.
class Store {
 public:
  static Result<std::unique_ptr<Store>> open(const Environment& environment, const Path& data_directory);

  Log& log() { return log_; }
  Users& users() { return users_; }
  Sessions& sessions() { return sessions_; }
  MachineTokens& machine_tokens() { return machine_tokens_; }
  Invitations& invitations() { return invitations_; }
  Boards& boards() { return boards_; }
  WriteProbe& write_probe() { return write_probe_; }
  DiskRoom& disk_room() { return disk_room_; }
  // Copies the database into a new file (0600) while it is being used, as it was at one moment. A file of
  // that name: kind `failed`, and it stays as it is. Stopped: kind `interrupted`.
  Result<void> back_up(const Path& file, const std::stop_token& stop = {}) {
    return database_->copy_to(file, stop);
  }

  // As Database::find_damage.
  Result<std::vector<std::string>> find_damage(const std::stop_token& stop = {}) {
    return database_->find_damage(stop);
  }

  // As Database::with_way_back.
  Error with_way_back(Error error) { return database_->with_way_back(std::move(error)); }

  // As Database::on_sync_failure.
  void on_sync_failure(std::function<void()> failed) { database_->on_sync_failure(std::move(failed)); }

  // As Database::on_commit.
  void on_commit(std::function<void(std::chrono::nanoseconds)> committed) {
    database_->on_commit(std::move(committed));
  }

  // As Database::on_access_change.
  void on_access_change(std::function<void(std::string_view user_id)> changed) {
    database_->on_access_change(std::move(changed));
  }

  // What open() did to the schema of the file.
  const MigrationReport& migrated() const { return database_->migrated(); }

  // A ULID, minted with the file: tells a client that it talks to another log than the one it knew.
  const std::string& epoch() const { return epoch_; }

 private:
  Store(std::unique_ptr<Database> database, std::string epoch, const Path& data_directory);
  std::unique_ptr<Database> database_;
  std::string epoch_;
  Log log_;
  Users users_;
  Sessions sessions_;
  MachineTokens machine_tokens_;
  Invitations invitations_;
  Boards boards_;
  WriteProbe write_probe_;
  DiskRoom disk_room_;
};

}  // namespace pawprint::hub::store
