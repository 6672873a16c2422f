// The help texts, written from the table of commands.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"

namespace pawprint::cli {

std::string overview(std::string_view prefix);  // every command whose name begins with `prefix`
std::string help_of(const Command& command);
std::string version_line();

}  // namespace pawprint::cli
