#include "hub/board/projection.h"

#include <set>
#include <utility>

#include "base/failpoint.h"
#include "base/sabotage.h"
#include "hub/board/cursor.h"
#include "protocol/catalogue.h"

namespace pawprint::hub::board {
namespace {

constexpr std::size_t kMaxRemembered = 100'000;  // some 100 bytes each

using store::BoardKey;

store::KnownMeaning meaning_of_body(protocol::EventReader& reader, const store::LoggedEvent& event) {
  const auto read = reader.read(event.body);
  const bool fits = read && read->payload != nullptr &&
                    protocol::check_payload(read->generation, read->envelope.event_type, *read->payload);
  return std::make_shared<const std::optional<store::EventMeaning>>(
      fits ? store::meaning_of(*read, event.project_uuid) : std::nullopt);
}

}  // namespace

// What a piece of the log says, before anything is written.
struct Projection::Piece {
  struct Changes {
    std::vector<const store::TransitionRow*> transitions;  // in the order of the log
    std::vector<store::FactRow> facts;
  };
  std::map<BoardKey, Changes> work_packages;
  std::map<std::pair<BoardKey, store::FactKind>, store::FactRow> facts;  // the latest of each, of everything
  std::set<BoardKey> features;
  std::map<std::string, std::int64_t> last_seen_ms;  // by project
  std::vector<std::pair<BoardKey, store::CardRow>> cards;
  std::vector<store::KnownMeaning> meanings;  // that the transitions are of
  store::BoardPosition end;
};

void Projection::read(Piece& piece, const store::LoggedEvent& event) {
  piece.end = {event.seq, hash_prefix(event.body_hash)};
  const auto known = event.meaning != nullptr ? event.meaning : meaning_of_body(reader_, event);
  if (!*known) return;
  const store::EventMeaning& meaning = **known;
  piece.last_seen_ms[*event.project_uuid] = event.received_at_ms;
  if (meaning.feature) piece.features.insert(*meaning.feature);
  if (meaning.work_package) {
    Piece::Changes& changes = piece.work_packages[*meaning.work_package];
    if (meaning.transition) {
      changes.transitions.push_back(&meaning.transition->second);
      piece.meanings.push_back(known);
    }
  }
  for (const auto& [key, fact] : meaning.facts) {
    if (!key.wp_id.empty()) piece.work_packages[key].facts.push_back(fact);
    const auto [latest, is_new] = piece.facts.try_emplace({key, fact.kind}, fact);
    if (!is_new && latest->second.order < fact.order) latest->second = fact;
  }
}

Result<void> Projection::take_in(std::span<const store::LoggedEvent> events) {
  Piece piece;
  for (const store::LoggedEvent& event : events) read(piece, event);
  return take_in(piece);
}

Result<std::optional<std::uint64_t>> Projection::take_in(const More& more) {
  Piece piece;
  for (;;) {
    PAW_TRY(events, more());
    if (events.empty()) break;
    for (const auto& event : events) read(piece, *event);
  }
  if (piece.end.seq == 0) return std::nullopt;
  PAW_TRY(taken, take_in(piece));
  return piece.end.seq;
}

Result<void> Projection::take_in(Piece& piece) {
  auto done = fold_cards(piece);
  if (done) done = write(piece);
  if (!done || remembered_ > kMaxRemembered) forget();
  return done;
}

void Projection::forget() {
  histories_.clear();
  remembered_ = 0;
}

Result<void> Projection::fold_cards(Piece& piece) {
  for (const auto& [work_package, changes] : piece.work_packages) {
    PAW_TRY(folded, fold_card(piece, work_package));
  }
  return {};
}

// Of a work package that is not remembered, or with a change that takes all of them to tell what it does,
// every row is read and folded once, however many changes the piece has.
Result<void> Projection::fold_card(Piece& piece, const BoardKey& work_package) {
  const Piece::Changes& changes = piece.work_packages.at(work_package);
  auto known = histories_.find(work_package);
  bool whole = known == histories_.end();
  if (!whole) remembered_ -= known->second.transitions();
  for (std::size_t i = 0; !whole && i < changes.transitions.size(); ++i) {
    whole = !known->second.add(*changes.transitions[i]);
  }
  if (whole) {
    PAW_TRY(rows, store_.boards().card_rows(key_, work_package));
    for (const store::TransitionRow* row : changes.transitions) rows.transitions.push_back(*row);
    known = histories_.insert_or_assign(work_package, CardHistory(std::move(rows))).first;
  }
  for (const store::FactRow& fact : changes.facts) known->second.add(fact);
  remembered_ += known->second.transitions();
  piece.cards.emplace_back(work_package, known->second.card(work_package.wp_id));
  return {};
}

Result<void> Projection::write(const Piece& piece) {
  if (sabotaged("cursor-before-rows")) {
    PAW_TRY(early, store_.boards().update(key_));
    PAW_TRY(moved, early.finish(piece.end));
  }
  PAW_TRY(update, store_.boards().update(key_));
  for (const auto& [key, changes] : piece.work_packages) {
    PAW_TRY(added, update.add_transitions(key, changes.transitions));
  }
  for (const auto& [place, fact] : piece.facts) {
    PAW_TRY(kept, update.keep_latest(place.first, fact));
  }
  failpoint("hub-board-half");
  for (const auto& [key, card] : piece.cards) {
    PAW_TRY(put, update.put_card(key, card));
  }
  for (const BoardKey& key : piece.features) {
    PAW_TRY(put, update.put_feature(key.project_uuid, key.feature_slug));
  }
  for (const auto& [project_uuid, last_seen_ms] : piece.last_seen_ms) {
    PAW_TRY(put, update.put_project(project_uuid, last_seen_ms));
  }
  return update.finish(piece.end);
}

}  // namespace pawprint::hub::board
