#include "hub/board/board.h"

#include "base/clock_source.h"
#include "hub/board/cursor.h"
#include "hub/board/take_in.h"

namespace pawprint::hub::board {
namespace {

Result<bool> is_current(store::Store& store, std::string_view team_id) {
  PAW_TRY(position, store.boards().position(team_id));
  PAW_TRY(head, store.log().head(team_id));
  return position.seq >= head;
}

}  // namespace

Result<void> Board::catch_up(std::string_view team_id) {
  PAW_TRY(current, is_current(store_, team_id));
  if (current) return {};
  const std::lock_guard lock(folding_);
  return catch_up_locked(team_id);
}

Result<void> Board::catch_up_locked(std::string_view team_id) {
  for (;;) {
    PAW_TRY(position, store_.boards().position(team_id));
    PAW_TRY(events, store_.log().read(team_id, position.seq, chunk_events_));
    if (events.empty()) return {};
    PAW_TRY(update, store_.boards().update(team_id));
    if (update.position().seq != position.seq) continue;
    PAW_TRY(taken, take_in(update, events));
  }
}

Result<void> Board::rebuild(std::string_view team_id) {
  const std::lock_guard lock(folding_);
  {
    PAW_TRY(update, store_.boards().update(team_id));
    PAW_TRY(cleared, update.clear());
    PAW_TRY(finished, update.finish({}));
  }
  return catch_up_locked(team_id);
}

Result<std::vector<ProjectView>> Board::projects(std::string_view team_id) {
  PAW_TRY(caught_up, catch_up(team_id));
  PAW_TRY(rows, store_.boards().projects(team_id));
  std::vector<ProjectView> views;
  views.reserve(rows.size());
  for (store::ProjectRow& row : rows) {
    views.push_back({.uuid = std::move(row.uuid),
                     .slug = std::move(row.slug),
                     .repo_slug = std::move(row.repo_slug),
                     .last_seen = rfc3339_utc(row.last_seen_ms),
                     .features = std::move(row.features)});
  }
  return views;
}

Result<std::optional<FeatureView>> Board::feature(std::string_view team_id, std::string_view project_uuid,
                                                  std::string_view slug) {
  PAW_TRY(caught_up, catch_up(team_id));
  PAW_TRY(row, store_.boards().feature(team_id, project_uuid, slug));
  if (!row) return std::nullopt;
  FeatureView view;
  view.project_uuid = project_uuid;
  view.slug = slug;
  view.number = std::move(row->number);
  view.target_branch = std::move(row->target_branch);
  view.as_of = encode_cursor(
      {.epoch = store_.epoch(), .seq = row->position.seq, .body_hash = row->position.body_hash});
  for (WorkPackageView& card : row->cards) {
    view.lanes[static_cast<std::size_t>(card.lane)].push_back(std::move(card));
  }
  return view;
}

}  // namespace pawprint::hub::board
