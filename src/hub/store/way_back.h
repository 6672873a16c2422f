// What to type where the database is damaged.
#pragma once

#include <string_view>

#include "base/result.h"

namespace pawprint::hub::store {

inline constexpr std::string_view kWayBack = "pawprint-hub restore BACKUP --data ANOTHER_DIR";

// `error` with what to type if it is because the file is damaged: back to a backup.
Error with_way_back(Error error, bool is_damaged);

// Whether that is what it says to type: no waiting mends it.
bool names_way_back(const Error& error);

}  // namespace pawprint::hub::store
