// Everything a program takes from its surroundings. `main` makes one and passes it down; tests make their
// own.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock_source.h"
#include "base/disk.h"
#include "base/random.h"

namespace pawprint {

struct Environment {
  std::map<std::string, std::string, std::less<>> variables;
  Path directory;   // the working directory, absolute
  Path user_home;   // the user's home directory; empty if there is none
  Path executable;  // our own executable, absolute; empty if unknown
  std::string hostname;
  std::string username;
  ClockSource* clock = nullptr;  // never null in a usable Environment; not owned
  Random* random = nullptr;
  Disk* disk = nullptr;

  std::optional<std::string> variable(std::string_view name) const;  // nullopt if unset or empty
};

// The environment of this process. The one place that reads variables, the working directory and the user.
Environment process_environment();

}  // namespace pawprint
