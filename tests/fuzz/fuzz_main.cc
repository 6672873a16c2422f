// libFuzzer's side (llvm.org/docs/LibFuzzer.html). PAWPRINT_FUZZ_TARGET names the target, so that one
// program, linked once, has them all.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "targets.h"

namespace {

const pawprint::fuzz::Target& chosen() {
  const char* name = std::getenv("PAWPRINT_FUZZ_TARGET");
  for (const auto& target : pawprint::fuzz::targets()) {
    if (name != nullptr && std::string_view(target.name) == name) return target;
  }
  std::fprintf(stderr, "fuzz: PAWPRINT_FUZZ_TARGET must be one of:");
  for (const auto& target : pawprint::fuzz::targets()) std::fprintf(stderr, " %s", target.name);
  std::fprintf(stderr, "\n");
  std::exit(2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto& target = chosen();
  target.run({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
