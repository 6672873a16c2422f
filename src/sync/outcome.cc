#include "sync/outcome.h"

namespace pawprint::sync {

std::string_view name_of(StopReason reason) {
  switch (reason) {
    case StopReason::empty:
      return "empty";
    case StopReason::not_signed_in:
      return "not_signed_in";
    case StopReason::rate_limited:
      return "rate_limited";
    case StopReason::refused:
      return "refused";
    case StopReason::unreachable:
      return "unreachable";
    case StopReason::failed:
      return "failed";
    case StopReason::interrupted:
      break;
  }
  return "interrupted";
}

}  // namespace pawprint::sync
