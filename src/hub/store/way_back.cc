#include "hub/store/way_back.h"

namespace pawprint::hub::store {

Error with_way_back(Error error, bool is_damaged) {
  if (is_damaged && error.kind == ErrorKind::io && error.hint.empty()) {
    error.hint = kWayBack;
  }
  return error;
}

bool names_way_back(const Error& error) {
  return error.hint == kWayBack;
}

}  // namespace pawprint::hub::store
