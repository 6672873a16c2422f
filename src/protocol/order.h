// The total order of events and the older library's notion of concurrency (docs/protocol.md, order).
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace pawprint::protocol {

struct OrderKey {
  std::uint64_t lamport_clock = 0;
  std::string node_id;
  std::string event_id;
  auto operator<=>(const OrderKey&) const = default;
};

// What is_concurrent compares. feature_slug is empty unless the aggregate is a work package.
struct EventPlace {
  std::string project_uuid;
  std::string feature_slug;
  std::string aggregate_id;
  OrderKey key;
};

bool is_concurrent(const EventPlace& a, const EventPlace& b);

}  // namespace pawprint::protocol
