#include "pawprint/warning.h"

#include <algorithm>

#include "base/sabotage.h"

namespace pawprint {

void Warnings::add(std::string_view cause, std::string message, std::string hint) {
  const bool known =
      std::ranges::any_of(all_, [&](const Warning& warning) { return warning.cause == cause; });
  if (!known || sabotaged("warned-again"))
    all_.push_back({std::string(cause), std::move(message), std::move(hint)});
}

}  // namespace pawprint
