// Who acts, where a command names nobody.
#pragma once

#include <optional>
#include <string>

#include "base/environment.h"
#include "project/places.h"

namespace pawprint::workflow {

// `actor`, else `agent`, else git's user.name; nullopt: nobody said who they are.
std::optional<std::string> named(const Environment& environment, const project::Places& places,
                                 const std::string& actor, const std::string& agent);

// `actor`, else `agent`, else git's user.name, else the name of the user; never empty.
std::string acting(const Environment& environment, const project::Places& places, const std::string& actor,
                   const std::string& agent);

}  // namespace pawprint::workflow
