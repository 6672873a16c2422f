#include "hub/store/damage.h"

#include <algorithm>

namespace pawprint::hub::store {

Result<std::vector<std::string>> find_damage(sqlite::Connection& connection) {
  PAW_TRY(check, connection.prepare("PRAGMA integrity_check(10)"));
  std::vector<std::string> findings;
  for (;;) {
    PAW_TRY(there, check.step());
    if (!there) return findings;
    if (check.view(0) == "ok") continue;
    std::ranges::replace(findings.emplace_back(check.text(0)), '\n', ' ');
  }
}

Error with_way_back(Error error, bool is_damaged) {
  if (is_damaged && error.kind == ErrorKind::io && error.hint.empty()) {
    error.hint = "pawprint-hub restore BACKUP --data ANOTHER_DIR";
  }
  return error;
}

}  // namespace pawprint::hub::store
