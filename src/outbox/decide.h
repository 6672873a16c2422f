// What a person may decide about rows (docs/adr/0020).
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "outbox/listing.h"

namespace pawprint::outbox {

// What a hub refused; what has no destination, since no delivery can have that under way; and what is for a
// link that was ended, while no delivery of this machine is under way (agent.lock).
bool may_be_given_up(const QueuedRow& row);

// nullopt: the queue does not have it. Kind `failed` says why not.
Result<void> check_may_be_given_up(std::string_view event_id, const std::optional<QueuedRow>& row);

}  // namespace pawprint::outbox
