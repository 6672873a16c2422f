// From argv to a command and its checked arguments.
#pragma once

#include <span>
#include <string>

#include "cli/command.h"

namespace pawprint::cli {

struct Invocation {
  const Command* command = nullptr;  // nullptr: help or version was asked for
  Arguments arguments;
  bool json = false;
  std::string help;         // what --help or --version prints, empty if a command is to be run
  bool of_version = false;  // --version
};

// `words` is argv without the program's name. Kind `usage` for anything that no row allows.
Result<Invocation> parse_arguments(std::span<const std::string> words);

// Whether --json is among the words, also of a command line that does not parse.
bool wants_json(std::span<const std::string> words);

}  // namespace pawprint::cli
