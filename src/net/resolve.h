// From the name of a host to its addresses.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/url.h"

namespace pawprint::net {

// In the order to try them. Those of loopback and addresses themselves are never looked up. Blocks for
// `longest` at most, whatever the system's resolver does. Kind `unreachable` if there is none.
Result<std::vector<std::string>> resolve(const Url& url, std::chrono::milliseconds longest);

}  // namespace pawprint::net
