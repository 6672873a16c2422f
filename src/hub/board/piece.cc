#include "hub/board/piece.h"

#include <algorithm>

#include "hub/board/cursor.h"

namespace pawprint::hub::board {

using store::EventMeaning;
using store::FactKind;

void Piece::Facts::keep_latest(const EventMeaning& meaning, const EventMeaning::Fact& fact) {
  Latest& latest = of_kind_[static_cast<std::size_t>(fact.kind)];
  if (latest.row == nullptr || latest.row->order < meaning.row.order) latest = {&meaning.row, &fact.value};
}

std::vector<store::FactRow> Piece::Facts::rows() const {
  std::vector<store::FactRow> rows;
  for (std::size_t kind = 0; kind < of_kind_.size(); ++kind) {
    const auto& [row, value] = of_kind_[kind];
    if (row == nullptr) continue;
    rows.push_back({static_cast<FactKind>(kind), row->order, row->timestamp, *value});
  }
  return rows;
}

void Piece::count(const store::LoggedEvent& event) {
  if (event.node_id.empty()) return;
  store::NodeCounts& node = nodes_[event.node_id];
  node.last_seq = event.seq;
  node.events += 1;
  node.highest_lamport = std::max(node.highest_lamport, event.lamport);
}

void Piece::add(const store::LoggedEvent& event, store::KnownMeaning known) {
  end_ = {event.seq, hash_prefix(event.body_hash)};
  count(event);
  if (!*known) return;
  const EventMeaning& meaning = **known;
  meanings_.push_back(std::move(known));
  Project& project = projects_[meaning.place.project_uuid];
  project.last_seen_ms = event.received_at_ms;
  Facts* own = nullptr;  // of what the event is about
  if (!meaning.place.feature_slug.empty()) {
    Feature& feature = project.features[meaning.place.feature_slug];
    own = &feature.facts;
    if (!meaning.place.wp_id.empty()) {
      WorkPackage& work_package = feature.work_packages[meaning.place.wp_id];
      own = &work_package.facts;
      if (meaning.is_transition) work_package.transitions.push_back(&meaning.row);
    }
  }
  for (const EventMeaning::Fact& fact : meaning.facts) {
    const bool of_project = fact.kind == FactKind::project_slug || fact.kind == FactKind::repo_slug;
    (of_project || own == nullptr ? project.facts : *own).keep_latest(meaning, fact);
  }
}

}  // namespace pawprint::hub::board
