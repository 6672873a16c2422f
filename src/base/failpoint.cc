#include "base/failpoint.h"

#if PAWPRINT_FAILPOINTS_BUILT

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <string>

namespace pawprint {
namespace {

struct Armed {
  std::string name;
  std::atomic<int> passes_left{0};
};

Armed& armed() {
  static Armed the_one;
  return the_one;
}

}  // namespace

void failpoint(std::string_view name) {
  Armed& at = armed();
  if (at.name.empty() || at.name != name || --at.passes_left != 0) return;
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();  // until the signal has arrived: nothing of the next step may happen
}

void arm_failpoint(std::string_view name_and_nth) {
  const std::size_t colon = name_and_nth.find(':');
  int nth = 1;
  if (colon != std::string_view::npos) {
    const std::string_view number = name_and_nth.substr(colon + 1);
    if (std::from_chars(number.data(), number.data() + number.size(), nth).ec != std::errc{}) nth = 1;
  }
  armed().name = name_and_nth.substr(0, colon);
  armed().passes_left = nth;
}

}  // namespace pawprint

#endif
