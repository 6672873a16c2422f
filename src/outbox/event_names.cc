#include "outbox/event_names.h"

#include "base/counted.h"
#include "base/format.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kMostNamed = 20;

}  // namespace

std::string counted_and_named(const std::set<std::string>& event_ids) {
  std::string names;
  std::size_t count = 0;
  for (const std::string& event_id : event_ids) {
    if (count++ == kMostNamed) break;
    names += (names.empty() ? "" : ", ") + event_id;
  }
  if (event_ids.size() > kMostNamed) names += fmt::format(" and {} more", event_ids.size() - kMostNamed);
  return fmt::format("{} ({})", counted(event_ids.size(), "event"), names);
}

}  // namespace pawprint::outbox
