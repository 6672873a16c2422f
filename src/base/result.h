// How results travel: PAW_TRY is the one macro for control flow, fail() makes an error.
#pragma once

#include <type_traits>
#include <utility>

#include "pawprint/error.h"

namespace pawprint {

struct Done {};  // what PAW_TRY yields for a Result<void>

template <class R>
auto taken(R&& result) {
  if constexpr (std::is_void_v<typename std::remove_cvref_t<R>::value_type>) {
    return Done{};
  } else {
    return *std::forward<R>(result);
  }
}

std::unexpected<Error> fail(ErrorKind kind, std::string message, std::string hint = {});

}  // namespace pawprint

// Binds `name` to the value of the Result `expr`, or returns its error from the calling function.
#define PAW_TRY(name, ...)                                    \
  auto name##_result = (__VA_ARGS__);                         \
  if (!name##_result) [[unlikely]] {                          \
    return std::unexpected(std::move(name##_result).error()); \
  }                                                           \
  [[maybe_unused]] auto name = ::pawprint::taken(std::move(name##_result))
