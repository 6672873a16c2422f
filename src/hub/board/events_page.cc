#include "hub/board/events_page.h"

#include <algorithm>

#include "base/clock_source.h"
#include "protocol/limits.h"

namespace pawprint::hub::board {
namespace {

constexpr std::size_t kEventsPerRead = 32;
constexpr std::uint64_t kHighestSeq = std::uint64_t{1} << 62;

}  // namespace

std::unexpected<Error> cannot_continue(std::string_view why) {
  return fail(ErrorKind::invalid, std::string("this cursor cannot be continued: ").append(why));
}

Result<Cursor> resume(store::Store& store, std::string_view team_id, std::string_view text) {
  PAW_TRY(cursor, decode_cursor(text));
  PAW_TRY(there, check_place(store, team_id, cursor));
  return cursor;
}

Result<void> check_place(store::Store& store, std::string_view team_id, const Cursor& place) {
  if (place.epoch != store.epoch()) return cannot_continue("it comes from another log");
  if (place.seq == 0) {
    if (place.body_hash != store::BodyHashPrefix{}) return cannot_continue("its event is not what it was");
    return {};
  }
  if (place.seq > kHighestSeq) return cannot_continue("its event is not in the log");
  // As it is: whoever is past a damaged event goes on behind it.
  PAW_TRY(found, store.log().read_as_is(team_id, place.seq - 1, 1));
  if (found.empty() || found[0].seq != place.seq) return cannot_continue("its event is not in the log");
  if (hash_prefix(found[0].body_hash) != place.body_hash)
    return cannot_continue("its event is not what it was");
  return {};
}

Result<EventsPage> events_page(store::Store& store, std::string_view team_id,
                               std::optional<std::string_view> project_uuid,
                               std::optional<std::string_view> after, std::size_t limit) {
  Cursor place{.epoch = store.epoch(), .seq = 0, .body_hash = {}};
  if (after) {
    PAW_TRY(resumed, resume(store, team_id, *after));
    place = resumed;
  }
  EventsPage page;
  std::uint64_t bytes = 0;
  while (page.events.size() < limit && bytes < protocol::max_decompressed_bytes_per_batch) {
    const std::size_t wanted = std::min(limit - page.events.size(), kEventsPerRead);
    PAW_TRY(logged, store.log().read(team_id, place.seq, wanted, project_uuid));
    for (store::LoggedEvent& event : logged) {
      place.seq = event.seq;
      place.body_hash = hash_prefix(event.body_hash);
      bytes += event.body.size();
      page.events.push_back({.seq = event.seq,
                             .cursor = encode_cursor(place),
                             .received_at = rfc3339_utc(event.received_at_ms),
                             .event = std::string(event.body)});
    }
    if (logged.size() < wanted) break;
  }
  page.next = encode_cursor(place);
  return page;
}

}  // namespace pawprint::hub::board
