// The error channel of every Pawprint interface: a function that can fail returns Result<T>.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace pawprint {

// What kind of failure it is; the rows of error_kinds.def.
enum class ErrorKind {
#define PAW_ERROR_KIND(name, exit_code, retry, meaning) name,
#include "pawprint/error_kinds.def"
#undef PAW_ERROR_KIND
};

// Whether the same call can succeed later without anything being changed.
enum class Retry { never, later, after_sign_in };

struct Error {
  // Not inline: each call that can fail has a place where they stand, and none of them is in a hurry.
  Error();
  Error(const Error&);
  Error(Error&&) noexcept;
  Error& operator=(const Error&);
  Error& operator=(Error&&) noexcept;
  ~Error();

  ErrorKind kind = ErrorKind::failed;
  std::string message;  // "<what failed>: <why>", one line, no final period
  std::string hint;     // the next command to type, empty if there is none
  std::string file;     // the file at fault, empty if none
  int line = 0;         // 1-based line in `file`, 0 if unknown
  std::string path;     // JSON path at fault, as in "payload.wp_id", empty if none
};

template <class T>
using Result = std::expected<T, Error>;

std::string_view name_of(ErrorKind kind);  // "not_in_project"
int exit_code_of(ErrorKind kind);          // as documented for `pawprint`
Retry retry_class_of(ErrorKind kind);

}  // namespace pawprint
