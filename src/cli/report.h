// The one place that turns results into output: text or JSON on stdout, errors and warnings on stderr, exit
// codes.
#pragma once

#include <string>

#include "cli/command.h"

namespace pawprint::cli {

struct Rendered {
  std::string out;
  std::string err;
  int exit_code = 0;
  std::string unheard;  // what is true although stdout could not be written: "the event is stored as ..."
};

Rendered render(const Result<Report>& outcome, const Warnings& warnings, bool json);

// The message and, unless it names it, the place: "there is no lane (tasks/WP01.md:4)".
std::string with_place(const Error& error);

// {"kind","message","hint","file","line","path"}; what is unknown is null.
boost::json::object error_json(const Error& error);

}  // namespace pawprint::cli
