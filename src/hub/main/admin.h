// The commands of an administrator, the same whether the hub runs or not.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "base/environment.h"
#include "hub/board/board.h"
#include "hub/identity/keys.h"
#include "hub/main/admin_request.h"
#include "hub/store/store.h"

namespace pawprint::hub {

// What the commands work on. Thread-safe as its parts are.
struct Administered {
  const Environment& environment;
  store::Store& store;
  board::Board& board;  // the only one over the store
  Path data_directory;
  std::function<void(const identity::Keys&)> keys_changed = {};  // told once they are on the disk
  std::stop_token stop = {};  // ends what takes long, with kind `interrupted`
};

// The text for stdout, every line of it ended and safe to print. An unknown verb, or one without an option
// that it needs: kind `usage`.
Result<std::string> administer(const Administered& hub, const AdminRequest& request);

// Whether it goes through all of the data.
bool takes_long(const AdminRequest& request);

}  // namespace pawprint::hub
