#include "hub/board/board.h"

#include <algorithm>

#include "base/clock_source.h"
#include "base/failpoint.h"
#include "base/format.h"
#include "base/rfc3339.h"
#include "hub/board/cursor.h"
#include "hub/board/events_page.h"
#include "hub/board/projection.h"
#include "protocol/envelope.h"
#include "protocol/ids.h"

namespace pawprint::hub::board {
namespace {

// A reader waits for these to be folded, 10 to 20 us each; with more, it sees the board as it was before
// them.
constexpr std::size_t kMaxEventsPerReader = 5000;

// So that the bodies of a chunk are not all in memory at once.
constexpr std::size_t kEventsPerRead = 250;

Result<std::uint64_t> events_behind(store::Store& store, std::string_view team_id) {
  PAW_TRY(position, store.boards().position(team_id));
  PAW_TRY(head, store.log().head(team_id));
  return head - std::min(head, position.seq);
}

std::unexpected<Error> still_behind() {
  return fail(ErrorKind::failed, "the board is still behind the log");
}

ProjectView view_of(store::ProjectRow row) {
  return {.uuid = std::move(row.uuid),
          .slug = std::move(row.slug),
          .repo_slug = std::move(row.repo_slug),
          .last_seen = rfc3339_utc(row.last_seen_ms),
          .features = std::move(row.features)};
}

// What is behind the hub's clock may have been on its way for long; what is ahead of it cannot.
std::optional<std::int64_t> clock_ahead_ms(const store::LoggedEvent& event) {
  const auto envelope = protocol::read_envelope(event.body);
  if (!envelope || !store::is_what_was_stored(event)) return std::nullopt;
  const auto said_ms = unix_ms_of(envelope->timestamp);
  if (!said_ms) return std::nullopt;
  return std::max<std::int64_t>(0, *said_ms - event.received_at_ms);
}

NodeView view_of(store::NodeRow row) {
  return {.node_id = std::move(row.node_id),
          .last_seen = rfc3339_utc(row.last.received_at_ms),
          .clock_ahead_ms = clock_ahead_ms(row.last),
          .events = row.counts.events,
          .highest_lamport = row.counts.highest_lamport};
}

// No team has such an id: they are ULIDs.
std::string key_of_rebuild(std::string_view team_id) {
  return std::string(team_id).append(" rebuilt");
}

}  // namespace

struct Board::Team {
  Team(store::Store& store, std::string_view team_id)
      : id(team_id), projection(store, id), rebuilt(store, key_of_rebuild(team_id)) {}
  const std::string id;
  std::mutex folding;
  Projection projection;
  std::mutex rebuilding;  // taken before `folding`
  Projection rebuilt;
};

Board::Board(store::Store& store, std::size_t chunk_events) : store_(store), chunk_events_(chunk_events) {}
Board::~Board() = default;

Board::Team& Board::team(std::string_view team_id) {
  const std::lock_guard lock(teams_mutex_);
  const auto known = teams_.find(team_id);
  if (known != teams_.end()) return *known->second;
  return *teams_.emplace(team_id, std::make_unique<Team>(store_, team_id)).first->second;
}

Result<store::SharedEvents> Board::read(const Team& team, const Projection& projection,
                                        std::uint64_t after_seq, std::size_t limit) {
  if (&projection != &team.rebuilt) return store_.log().follow(team.id, after_seq, limit);
  // A rebuild reads what the disk has.
  PAW_TRY(stored, store_.log().read(team.id, after_seq, limit));
  store::SharedEvents events;
  for (auto& event : stored) events.push_back(std::make_shared<const store::LoggedEvent>(std::move(event)));
  return events;
}

Result<std::uint64_t> Board::step(Team& team, Projection& projection, std::string_view key) {
  PAW_TRY(position, store_.boards().position(key));
  PAW_TRY(head, store_.log().head(team.id));  // before the log is read, which may grow
  std::uint64_t reached = position.seq;
  std::size_t left = chunk_events_;
  const auto more = [&]() -> Result<store::SharedEvents> {
    if (left == 0) return store::SharedEvents();
    PAW_TRY(events, read(team, projection, reached, std::min(left, kEventsPerRead)));
    left -= events.size();
    if (!events.empty()) reached = events.back()->seq;
    return events;
  };
  PAW_TRY(taken, projection.take_in(more));
  const std::uint64_t now = taken.value_or(position.seq);
  if (now > position.seq || now >= head) return now;
  return fail(ErrorKind::io,
              fmt::format("the log of team {} ends at seq {}, its team's row says {}",
                          store_.log().name_of(team.id), now, head),
              "pawprint-hub verify");
}

Result<void> Board::fold_until(std::uint64_t seq, Team& team, Projection& projection, std::string_view key,
                               const std::stop_token& stop) {
  for (;;) {
    if (stop.stop_requested()) return fail(ErrorKind::interrupted, "stopped");
    PAW_TRY(reached, step(team, projection, key));
    if (reached >= seq) return {};
  }
}

Result<bool> Board::advance(std::string_view team_id) {
  PAW_TRY(behind, events_behind(store_, team_id));
  if (behind == 0) return false;
  Team& own = team(team_id);
  const std::lock_guard lock(own.folding);
  PAW_TRY(reached, step(own, own.projection, own.id));
  PAW_TRY(head, store_.log().head(team_id));
  return reached < head;
}

Result<void> Board::catch_up(std::string_view team_id, const std::stop_token& stop) {
  PAW_TRY(head, store_.log().head(team_id));
  for (;;) {
    if (stop.stop_requested()) return fail(ErrorKind::interrupted, "stopped");
    PAW_TRY(position, store_.boards().position(team_id));
    if (position.seq >= head) return {};
    PAW_TRY(more, advance(team_id));
    if (!more) return {};
  }
}

Result<std::uint64_t> Board::catch_up_for_reader(std::string_view team_id) {
  PAW_TRY(behind, events_behind(store_, team_id));
  if (behind == 0 || behind > kMaxEventsPerReader) return behind;
  PAW_TRY(caught_up, catch_up(team_id));
  return 0;
}

Result<void> Board::rebuild(std::string_view team_id, const std::stop_token& stop) {
  Team& own = team(team_id);
  const std::string key = key_of_rebuild(team_id);
  const std::lock_guard lock(own.rebuilding);
  own.rebuilt.forget();
  {
    PAW_TRY(update, store_.boards().update(key));
    PAW_TRY(cleared, update.clear());
    PAW_TRY(finished, update.finish({}));
  }
  failpoint("hub-rebuild-cleared");
  PAW_TRY(head, store_.log().head(team_id));
  PAW_TRY(folded, fold_until(head, own, own.rebuilt, key, stop));
  failpoint("hub-rebuild-folded");
  const std::lock_guard swapping(own.folding);
  PAW_TRY(position, store_.boards().position(team_id));  // which may be ahead of `head` by now
  PAW_TRY(caught_up, fold_until(position.seq, own, own.rebuilt, key, stop));
  own.rebuilt.forget();
  own.projection.forget();
  PAW_TRY(update, store_.boards().update(team_id));
  return update.finish_with_rows_of(key);
}

// No project is ever taken off the board.
Result<ProjectsPage> Board::projects(std::string_view team_id, std::optional<std::string_view> after,
                                     std::size_t limit) {
  ProjectsCursor from;
  if (after) {
    PAW_TRY(given, decode_projects_cursor(*after));
    if (given.epoch != store_.epoch()) return cannot_continue("it comes from another log");
    from = std::move(given);
  }
  PAW_TRY(missing, catch_up_for_reader(team_id));
  PAW_TRY(rows, store_.boards().projects(team_id, from.uuid, limit + 1));
  if (after && (rows.empty() || rows.front().uuid != from.uuid)) {
    if (missing > 0) return still_behind();
    return cannot_continue("its project is not on the board");
  }
  ProjectsPage page{{}, std::nullopt, missing};
  if (rows.size() > limit) {
    page.next = encode_projects_cursor({.epoch = store_.epoch(), .uuid = std::move(rows.back().uuid)});
    rows.pop_back();
  }
  page.projects.reserve(rows.size());
  for (store::ProjectRow& row : rows) page.projects.push_back(view_of(std::move(row)));
  return page;
}

Result<std::optional<ProjectView>> Board::project(std::string_view team_id, std::string_view uuid) {
  PAW_TRY(missing, catch_up_for_reader(team_id));
  PAW_TRY(rows, store_.boards().projects(team_id, uuid, 1));
  if (!rows.empty() && rows.front().uuid == uuid) return view_of(std::move(rows.front()));
  if (missing > 0) return still_behind();
  return std::nullopt;
}

Result<NodesPage> Board::nodes(std::string_view team_id, std::optional<std::string_view> after,
                               std::size_t limit) {
  constexpr std::uint64_t kAll = std::uint64_t{1} << 62;
  std::uint64_t before = kAll;
  if (after) {
    PAW_TRY(place, decode_nodes_cursor(*after));
    PAW_TRY(there, check_place(store_, team_id, place));
    before = place.seq;
  }
  PAW_TRY(missing, catch_up_for_reader(team_id));
  PAW_TRY(found, store_.boards().nodes(team_id, before, limit));
  NodesPage page{{}, std::nullopt, missing};
  if (found.more) {
    const store::LoggedEvent& last = found.rows.back().last;
    page.next = encode_nodes_cursor(
        {.epoch = store_.epoch(), .seq = last.seq, .body_hash = hash_prefix(last.body_hash)});
  }
  page.nodes.reserve(found.rows.size());
  for (store::NodeRow& row : found.rows) page.nodes.push_back(view_of(std::move(row)));
  return page;
}

Result<std::optional<FeatureView>> Board::feature(std::string_view team_id, std::string_view project_uuid,
                                                  std::string_view slug) {
  PAW_TRY(missing, catch_up_for_reader(team_id));
  PAW_TRY(row, store_.boards().feature(team_id, project_uuid, slug));
  if (!row && missing > 0) return still_behind();
  if (!row) return std::nullopt;
  FeatureView view;
  view.project_uuid = project_uuid;
  view.slug = slug;
  view.number = std::move(row->number);
  view.target_branch = std::move(row->target_branch);
  view.as_of = encode_cursor(
      {.epoch = store_.epoch(), .seq = row->position.seq, .body_hash = row->position.body_hash});
  PAW_TRY(head, store_.log().head(team_id));
  view.events_behind = head - std::min(head, row->position.seq);
  for (WorkPackageView& card : row->cards) {
    view.lanes[static_cast<std::size_t>(card.lane)].push_back(std::move(card));
  }
  return view;
}

}  // namespace pawprint::hub::board
