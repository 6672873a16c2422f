// Rows of the queue as `sync list` and `sync show` present them.
#pragma once

#include "cli/command.h"
#include "outbox/listing.h"
#include "project/home.h"

namespace pawprint::cli {

// In the place of a state: the event waits in the spill.
inline constexpr std::string_view kSpilled = "spilled";
std::string_view state_word(const outbox::QueuedRow& row);

// {event_id, state, event_type, aggregate_id, lamport_clock, project_uuid, link_known, destination,
// queued_at, reason, attempts}; what is unknown is null.
boost::json::object queued_event_json(const outbox::QueuedRow& row);

// One line for each, and a second one with the reason of a parked row.
std::string queued_event_line(const outbox::QueuedRow& row);

// In the queue, else in the spill. A queue that cannot be read is an error unless the spill has the event.
Result<std::optional<outbox::QueuedRow>> find_event(Context& context, const project::Home& home,
                                                    const std::string& event_id);

// The event's id as the queue has it. Kind `usage` if it is neither a ULID nor a UUID.
Result<std::string> event_id_argument(const std::string& word);

}  // namespace pawprint::cli
