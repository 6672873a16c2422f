#include "base/counted.h"

#include "base/format.h"

namespace pawprint {

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace pawprint
