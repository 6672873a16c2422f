#include "hub/board/board.h"

#include <map>
#include <set>
#include <span>

#include "base/clock_source.h"
#include "hub/board/card.h"
#include "hub/board/cursor.h"
#include "hub/board/event_meaning.h"

namespace pawprint::hub::board {
namespace {

// What a chunk of the log touched.
struct Touched {
  std::set<store::BoardKey> work_packages;
  std::set<store::BoardKey> features;
  std::map<std::string, std::int64_t> last_seen_ms;  // by project
};

Result<Touched> take_in(store::BoardUpdate& update, std::span<const store::LoggedEvent> events) {
  Touched touched;
  for (const store::LoggedEvent& event : events) {
    const auto meaning = meaning_of(event);
    if (!meaning) continue;
    touched.last_seen_ms[*event.project_uuid] = event.received_at_ms;
    for (const auto& [key, fact] : meaning->facts) {
      PAW_TRY(kept, update.keep_latest(key, fact));
    }
    if (meaning->transition) {
      PAW_TRY(added, update.add_transition(meaning->transition->first, meaning->transition->second));
    }
    if (meaning->work_package) touched.work_packages.insert(*meaning->work_package);
    if (meaning->feature) touched.features.insert(*meaning->feature);
  }
  return touched;
}

Result<void> write_cards(store::BoardUpdate& update, const Touched& touched) {
  for (const store::BoardKey& key : touched.work_packages) {
    PAW_TRY(transitions, update.transitions(key));
    PAW_TRY(facts, update.facts(key));
    PAW_TRY(put, update.put_card(key, make_card(key.wp_id, std::move(transitions), facts)));
  }
  for (const store::BoardKey& key : touched.features) {
    PAW_TRY(put, update.put_feature(key.project_uuid, key.feature_slug));
  }
  for (const auto& [project_uuid, last_seen_ms] : touched.last_seen_ms) {
    PAW_TRY(put, update.put_project(project_uuid, last_seen_ms));
  }
  return {};
}

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
    PAW_TRY(touched, take_in(update, events));
    PAW_TRY(written, write_cards(update, touched));
    PAW_TRY(finished, update.finish({events.back().seq, hash_prefix(events.back().body_hash)}));
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
