// What the agent says on stdout: one JSON object, of the shape of `pawprint --json`.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "pawprint/error.h"

namespace pawprint::agent {

// With an error, `data` is what is known all the same; empty if nothing is.
struct Reply {
  boost::json::object data;
  std::optional<Error> error;
};

// One line, with its newline.
std::string reply_text(const Reply& reply);

int exit_code_of(const Reply& reply);

}  // namespace pawprint::agent
