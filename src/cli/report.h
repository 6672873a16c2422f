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
};

Rendered render(const Result<Report>& outcome, const Warnings& warnings, bool json);

// {"kind","message","hint","file","line","path"}; what is unknown is null.
boost::json::object error_json(const Error& error);

}  // namespace pawprint::cli
