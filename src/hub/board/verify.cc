#include "hub/board/verify.h"

#include <algorithm>

#include "base/format.h"
#include "hub/board/projection.h"

namespace pawprint::hub::board {
namespace {

constexpr std::size_t kEventsPerRead = 200;
constexpr std::size_t kMaxFaults = 10;

void note(std::vector<std::string>& faults, std::string fault) {
  if (faults.size() < kMaxFaults) faults.push_back(std::move(fault));
}

void check_event(const store::LoggedEvent& event, std::uint64_t seq_before, Verification& found) {
  if (event.seq != seq_before + 1) {
    note(found.log_faults, fmt::format("behind seq {} comes {}", seq_before, event.seq));
  }
  if (!store::is_what_was_stored(event)) {
    note(found.log_faults, fmt::format("the event at seq {} is not what was stored", event.seq));
  }
}

Result<void> fold_into(Projection& scratch, std::span<const store::LoggedEvent> events,
                       std::uint64_t until_seq) {
  std::size_t count = 0;
  while (count < events.size() && events[count].seq <= until_seq) ++count;
  if (count == 0) return {};
  return scratch.take_in(events.first(count));
}

// Up to `until_seq`, however much comes in behind that meanwhile. The last seq that was read.
Result<std::uint64_t> read_log(store::Store& store, Projection& scratch, std::string_view team_id,
                               std::uint64_t board_seq, std::uint64_t until_seq, Verification& found,
                               const std::stop_token& stop) {
  std::uint64_t seq = 0;
  while (seq < until_seq) {
    if (stop.stop_requested()) return fail(ErrorKind::interrupted, "stopped");
    const auto limit = std::min<std::uint64_t>(kEventsPerRead, until_seq - seq);
    PAW_TRY(events, store.log().read_as_is(team_id, seq, limit));
    if (events.empty()) break;
    for (const store::LoggedEvent& event : events) {
      check_event(event, seq, found);
      seq = event.seq;
      ++found.events;
    }
    PAW_TRY(folded, fold_into(scratch, events, board_seq));
  }
  return seq;
}

// Of the log and its team's row, which says where it ended before it was read.
Result<void> check_end(store::Store& store, std::string_view team_id, std::uint64_t last, std::uint64_t head,
                       Verification& found) {
  if (last < head) {
    note(found.log_faults, fmt::format("the log ends at seq {}, its team's row says {}", last, head));
  }
  PAW_TRY(behind, store.log().read_as_is(team_id, head, 1));
  PAW_TRY(head_now, store.log().head(team_id));
  if (behind.empty() || behind.front().seq <= head_now) return {};
  note(found.log_faults, fmt::format("the log has seq {}, its team's row says that it ends at {}",
                                     behind.front().seq, head_now));
  return {};
}

Result<void> begin_empty(store::Store& scratch, std::string_view team_id) {
  PAW_TRY(update, scratch.boards().update(team_id));
  PAW_TRY(cleared, update.clear());
  return update.finish({});
}

}  // namespace

Result<Verification> verify_team(store::Store& store, Board& board, store::Store& scratch,
                                 std::string_view team_id, const std::stop_token& stop) {
  Verification found;
  // Which cannot be done with a log that ends too soon; what is wrong with it is said below.
  const auto caught_up = board.catch_up(team_id, stop);
  PAW_TRY(kept, store.boards().fingerprint(team_id));
  PAW_TRY(head, store.log().head(team_id));  // before the log is read, which may grow
  PAW_TRY(begun, begin_empty(scratch, team_id));
  Projection folding(scratch, std::string(team_id));
  const std::uint64_t board_seq = kept.position.seq;
  PAW_TRY(last, read_log(store, folding, team_id, board_seq, std::max(head, board_seq), found, stop));
  PAW_TRY(checked, check_end(store, team_id, last, head, found));
  if (!caught_up && found.log_faults.empty()) return std::unexpected(caught_up.error());
  PAW_TRY(folded, scratch.boards().fingerprint(team_id));
  for (std::size_t i = 0; i < kept.sums.size(); ++i) {
    if (kept.sums[i] == folded.sums[i]) continue;
    if (kept.sums[i].first == "board_positions" && kept.position.seq == 0) continue;
    note(found.board_faults, fmt::format("{} is not what the log says", kept.sums[i].first));
  }
  return found;
}

}  // namespace pawprint::hub::board
