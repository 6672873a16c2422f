// What the hub keeps, as four small interfaces over one database file.
#pragma once

#include <memory>
#include <string>

#include "hub/store/boards.h"
#include "hub/store/database.h"
#include "hub/store/log.h"
#include "hub/store/sessions.h"
#include "hub/store/users.h"

namespace pawprint::hub::store {

// Thread-safe, as its parts are. Only one process may have a data directory open: whoever calls open() holds
// the lock on it.
class Store {
 public:
  static Result<std::unique_ptr<Store>> open(const Environment& environment, const Path& data_directory);

  Log& log() { return log_; }
  Users& users() { return users_; }
  Sessions& sessions() { return sessions_; }
  Boards& boards() { return boards_; }
  // A ULID, minted with the file: tells a client that it talks to another log than the one it knew.
  const std::string& epoch() const { return epoch_; }

 private:
  Store(std::unique_ptr<Database> database, std::string epoch);
  std::unique_ptr<Database> database_;
  std::string epoch_;
  Log log_;
  Users users_;
  Sessions sessions_;
  Boards boards_;
};

}  // namespace pawprint::hub::store
