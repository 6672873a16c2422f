#include "pawprint/error.h"

namespace pawprint {

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
