// Events by name, for reports.
#pragma once

#include <set>
#include <string>

namespace pawprint::outbox {

// "3 events (A, B, C)"; what is more than a person reads is counted.
std::string counted_and_named(const std::set<std::string>& event_ids);

}  // namespace pawprint::outbox
