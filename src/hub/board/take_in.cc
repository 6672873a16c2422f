#include "hub/board/take_in.h"

#include <map>
#include <set>
#include <string>

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

Result<Touched> keep_rows(store::BoardUpdate& update, std::span<const store::LoggedEvent> events) {
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

}  // namespace

Result<void> take_in(store::BoardUpdate& update, std::span<const store::LoggedEvent> events) {
  PAW_TRY(touched, keep_rows(update, events));
  PAW_TRY(written, write_cards(update, touched));
  return update.finish({events.back().seq, hash_prefix(events.back().body_hash)});
}

}  // namespace pawprint::hub::board
