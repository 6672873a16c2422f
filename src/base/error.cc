#include "base/result.h"

namespace pawprint {

Error::Error() = default;
Error::Error(const Error&) = default;
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error&) = default;
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

std::unexpected<Error> fail(ErrorKind kind, std::string message, std::string hint) {
  Error error;
  error.kind = kind;
  error.message = std::move(message);
  error.hint = std::move(hint);
  return std::unexpected(std::move(error));
}

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
#define PAW_ERROR_KIND(name, exit_code, retry, meaning) \
  case ErrorKind::name:                                 \
    return #name;
#include "pawprint/error_kinds.def"
#undef PAW_ERROR_KIND
  }
  return "failed";
}

int exit_code_of(ErrorKind kind) {
  switch (kind) {
#define PAW_ERROR_KIND(name, exit_code, retry, meaning) \
  case ErrorKind::name:                                 \
    return exit_code;
#include "pawprint/error_kinds.def"
#undef PAW_ERROR_KIND
  }
  return 1;
}

Retry retry_class_of(ErrorKind kind) {
  switch (kind) {
#define PAW_ERROR_KIND(name, exit_code, retry, meaning) \
  case ErrorKind::name:                                 \
    return Retry::retry;
#include "pawprint/error_kinds.def"
#undef PAW_ERROR_KIND
  }
  return Retry::never;
}

}  // namespace pawprint
