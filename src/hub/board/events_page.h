// Reading a team's log in pages, from cursor to cursor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hub/board/cursor.h"
#include "hub/store/store.h"

namespace pawprint::hub::board {

struct PagedEvent {
  std::uint64_t seq = 0;
  std::string cursor;
  std::string received_at;  // RFC 3339
  std::string event;        // the event as it came
};

struct EventsPage {
  std::vector<PagedEvent> events;
  std::string
      next;  // where the next page starts; never empty, so that a reader can come back for what is new
};

// The place that a cursor names, if the team's log still has it. Kind `invalid`: it cannot be continued (not
// a cursor, another epoch, from the future, or its event is not what it was); the reader starts over.
Result<Cursor> resume(store::Store& store, std::string_view team_id, std::string_view cursor);

// As resume(), of a place that a cursor of another list names.
Result<void> check_place(store::Store& store, std::string_view team_id, const Cursor& place);

// Kind `invalid`: a cursor that cannot be continued.
std::unexpected<Error> cannot_continue(std::string_view why);

// At most `limit` events behind `after` (nullopt: from the start), of one project if given; fewer where they
// would add up to more bytes than a batch may have. Only an empty page is the end.
Result<EventsPage> events_page(store::Store& store, std::string_view team_id,
                               std::optional<std::string_view> project_uuid,
                               std::optional<std::string_view> after, std::size_t limit);

}  // namespace pawprint::hub::board
