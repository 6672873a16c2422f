#include "hub/board/projection.h"

#include <utility>

#include "base/failpoint.h"
#include "base/sabotage.h"
#include "hub/board/piece.h"
#include "protocol/catalogue.h"

namespace pawprint::hub::board {
namespace {

constexpr std::size_t kMaxRemembered = 250'000;  // some 40 bytes each

using store::BoardKey;

store::KnownMeaning meaning_in(protocol::EventReader& reader, const store::LoggedEvent& event) {
  if (event.meaning != nullptr) return event.meaning;
  auto read = reader.read(event.body);
  const bool fits = read && read->payload != nullptr &&
                    protocol::check_payload(read->generation, read->envelope.event_type, *read->payload);
  return std::make_shared<const std::optional<store::EventMeaning>>(
      fits ? store::meaning_of(*read, event.project_uuid) : std::nullopt);
}

}  // namespace

// What a piece does to one project, feature or work package.
struct Projection::Change {
  BoardKey key;
  std::vector<store::FactRow> facts;
  const std::vector<const store::TransitionRow*>* transitions = nullptr;
  std::optional<store::CardRow> card;
  std::int64_t last_seen_ms = 0;
};

Result<void> Projection::take_in(std::span<const store::LoggedEvent> events) {
  Piece piece;
  for (const store::LoggedEvent& event : events) piece.add(event, meaning_in(reader_, event));
  return take_in(piece);
}

Result<std::optional<std::uint64_t>> Projection::take_in(const More& more) {
  Piece piece;
  for (;;) {
    PAW_TRY(events, more());
    if (events.empty()) break;
    for (const auto& event : events) piece.add(*event, meaning_in(reader_, *event));
  }
  if (piece.end().seq == 0) return std::nullopt;
  PAW_TRY(taken, take_in(piece));
  return piece.end().seq;
}

Result<void> Projection::take_in(const Piece& piece) {
  auto changes = fold(piece);
  auto done = changes ? write(*changes, piece) : std::unexpected(std::move(changes.error()));
  if (!done || remembered_ > kMaxRemembered) forget();
  return done;
}

void Projection::forget() {
  histories_.clear();
  remembered_ = 0;
}

Result<std::vector<Projection::Change>> Projection::fold(const Piece& piece) {
  std::vector<Change> changes;
  const auto change_of = [&changes](BoardKey key, const Piece::Facts& facts) -> Change& {
    Change& change = changes.emplace_back();
    change.key = std::move(key);
    change.facts = facts.rows();
    return change;
  };
  for (const auto& [uuid, project] : piece.projects()) {
    change_of({uuid, {}, {}}, project.facts).last_seen_ms = project.last_seen_ms;
    for (const auto& [slug, feature] : project.features) {
      change_of({uuid, slug, {}}, feature.facts);
      for (const auto& [wp_id, work_package] : feature.work_packages) {
        Change& change = change_of({uuid, slug, wp_id}, work_package.facts);
        change.transitions = &work_package.transitions;
        PAW_TRY(folded, fold_card(change));
      }
    }
  }
  return changes;
}

// Of a work package that is not remembered, or with a change that takes all of them to tell what it does,
// every row is read and folded once, however many changes the piece has.
Result<void> Projection::fold_card(Change& change) {
  auto known = histories_.find(change.key);
  bool whole = known == histories_.end();
  if (!whole) remembered_ -= known->second.transitions();
  for (std::size_t i = 0; !whole && i < change.transitions->size(); ++i) {
    whole = !known->second.add(*(*change.transitions)[i]);
  }
  if (whole) {
    PAW_TRY(rows, store_.boards().card_rows(key_, change.key));
    for (const store::TransitionRow* row : *change.transitions) rows.transitions.push_back(*row);
    known = histories_.insert_or_assign(change.key, CardHistory(std::move(rows))).first;
  }
  for (const store::FactRow& fact : change.facts) known->second.add(fact);
  remembered_ += known->second.transitions();
  change.card = known->second.card(change.key.wp_id);
  return {};
}

Result<void> Projection::write(const std::vector<Change>& changes, const Piece& piece) {
  if (sabotaged("cursor-before-rows")) {
    PAW_TRY(early, store_.boards().update(key_));
    PAW_TRY(moved, early.finish(piece.end()));
  }
  PAW_TRY(update, store_.boards().update(key_));
  for (const Change& change : changes) {
    const BoardKey& key = change.key;
    for (const store::FactRow& fact : change.facts) {
      PAW_TRY(kept, update.keep_latest(key, fact));
    }
    if (change.card) {
      PAW_TRY(added, update.add_transitions(key, *change.transitions));
      failpoint("hub-board-half");
      PAW_TRY(put, update.put_card(key, *change.card));
    } else if (!key.feature_slug.empty()) {
      PAW_TRY(put, update.put_feature(key.project_uuid, key.feature_slug));
    } else {
      PAW_TRY(put, update.put_project(key.project_uuid, change.last_seen_ms));
    }
  }
  for (const auto& [node_id, counts] : piece.nodes()) {
    PAW_TRY(added, update.add_to_node(node_id, counts));
  }
  return update.finish(piece.end());
}

}  // namespace pawprint::hub::board
