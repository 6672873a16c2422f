#include "protocol/order.h"

namespace pawprint::protocol {

bool is_concurrent(const EventPlace& a, const EventPlace& b) {
  return a.project_uuid == b.project_uuid && a.feature_slug == b.feature_slug &&
         a.aggregate_id == b.aggregate_id && a.key.lamport_clock == b.key.lamport_clock &&
         a.key.event_id != b.key.event_id;
}

}  // namespace pawprint::protocol
