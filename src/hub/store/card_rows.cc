// The part of Boards that reads what a card is folded from.
#include "hub/store/boards.h"
#include "hub/store/transition_run.h"

namespace pawprint::hub::store {
namespace {

constexpr std::string_view kReadRuns = R"sql(
    SELECT changes FROM board_transition_runs
    WHERE team_id = ?1 AND project_uuid = ?2 AND feature_slug = ?3 AND wp_id = ?4
    ORDER BY number)sql";

constexpr std::string_view kReadFacts = R"sql(
    SELECT kind, lamport_clock, node_id, event_id, timestamp, value
    FROM board_facts WHERE team_id = ?1 AND project_uuid = ?2 AND feature_slug = ?3 AND wp_id = ?4
    ORDER BY kind)sql";

void bind_key(sqlite::Statement& statement, std::string_view team_id, const BoardKey& key) {
  statement.bind(1, team_id).bind(2, key.project_uuid).bind(3, key.feature_slug).bind(4, key.wp_id);
}

protocol::OrderKey order_in(const sqlite::Statement& row, int lamport, int node, int event) {
  return {static_cast<std::uint64_t>(row.integer(lamport)), row.text(node), row.text(event)};
}

Result<std::vector<TransitionRow>> transitions_of(Read& read, std::string_view team_id, const BoardKey& key) {
  PAW_TRY(row, read.prepare(kReadRuns));
  bind_key(row, team_id, key);
  std::vector<TransitionRow> transitions;
  for (;;) {
    PAW_TRY(more, row.step());
    if (!more) return transitions;
    PAW_TRY(taken, read_transitions(row.view(0), transitions));
  }
}

Result<std::vector<FactRow>> facts_of(Read& read, std::string_view team_id, const BoardKey& key) {
  PAW_TRY(row, read.prepare(kReadFacts));
  bind_key(row, team_id, key);
  std::vector<FactRow> facts;
  for (;;) {
    PAW_TRY(more, row.step());
    if (!more) return facts;
    const auto kind = fact_kind_of(row.view(0));
    if (!kind) return fail(ErrorKind::io, "cannot fold the board: a fact is of no known kind");
    facts.push_back({*kind, order_in(row, 1, 2, 3), row.text(4), row.text(5)});
  }
}

}  // namespace

Result<CardRows> Boards::card_rows(std::string_view team_id, const BoardKey& work_package) {
  PAW_TRY(read, database_.read());
  PAW_TRY(transitions, transitions_of(read, team_id, work_package));
  PAW_TRY(facts, facts_of(read, team_id, work_package));
  return CardRows{std::move(transitions), std::move(facts)};
}

}  // namespace pawprint::hub::store
