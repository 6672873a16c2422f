// How every check of this module refuses a value: the JSON path, then the reason.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/result.h"

namespace pawprint::protocol {

// Kind `invalid`; the message is "<path>: <why>".
inline std::unexpected<Error> refuse(std::string path, std::string_view why) {
  Error error;
  error.kind = ErrorKind::invalid;
  error.message = fmt::format("{}: {}", path, why);
  error.path = std::move(path);
  return std::unexpected(std::move(error));
}

}  // namespace pawprint::protocol
