// A real program with somebody at its terminal.
#pragma once

#include <string>
#include <string_view>

#include "harness/process.h"

namespace pawprint::testing {

// Runs to the end with stdin and stderr on a terminal, stdout elsewhere. Once the terminal shows `question`,
// the line `answer` is typed. `err` is all that the terminal has shown, what was typed included, its lines
// ending in "\r\n". A program that shows nothing for 20 s is hung up on.
Outcome run_on_terminal(const Launch& launch, std::string_view question, std::string_view answer);

}  // namespace pawprint::testing
