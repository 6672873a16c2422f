// Rows of the queue as `sync list` and `sync show` present them.
#pragma once

#include "cli/command.h"
#include "outbox/outbox.h"

namespace pawprint::cli {

// In the place of a state: the event waits in the spill.
inline constexpr std::string_view kSpilled = "spilled";
std::string_view state_word(const outbox::QueuedRow& row);

// {event_id, state, event_type, aggregate_id, lamport_clock, project_uuid, destination, queued_at, reason,
// attempts}; what is unknown is null.
boost::json::object queued_event_json(const outbox::QueuedRow& row);

// One line for each, and a second one with the reason of a parked row.
std::string queued_event_line(const outbox::QueuedRow& row);

// The one with this id.
std::optional<outbox::QueuedRow> with_id(std::vector<outbox::QueuedRow> rows, std::string_view event_id);
// An event that waits in the spill.
Result<std::optional<outbox::QueuedRow>> spilled_event(outbox::Outbox& outbox, std::string_view event_id);

// The event's id as the queue has it. Kind `usage` if it is neither a ULID nor a UUID.
Result<std::string> event_id_argument(const std::string& word);

}  // namespace pawprint::cli
