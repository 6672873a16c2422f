#include "base/failpoint.h"
#include "base/format.h"
#include "hub/store/boards.h"
#include "hub/store/transition_run.h"

namespace pawprint::hub::store {
namespace {

constexpr std::string_view kKeepFact = R"sql(
    INSERT INTO board_facts (team_id, project_uuid, feature_slug, wp_id, kind, lamport_clock, node_id, event_id,
                             timestamp, value)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
    ON CONFLICT (team_id, project_uuid, feature_slug, wp_id, kind) DO UPDATE
      SET lamport_clock = excluded.lamport_clock, node_id = excluded.node_id, event_id = excluded.event_id,
          timestamp = excluded.timestamp, value = excluded.value
      WHERE (excluded.lamport_clock, excluded.node_id, excluded.event_id) > (lamport_clock, node_id, event_id))sql";

constexpr std::string_view kLastRun = R"sql(
    SELECT number, changes FROM board_transition_runs
    WHERE team_id = ?1 AND project_uuid = ?2 AND feature_slug = ?3 AND wp_id = ?4
    ORDER BY number DESC LIMIT 1)sql";

sqlite::Statement& bind_key(sqlite::Statement& statement, std::string_view team_id, const BoardKey& key) {
  return statement.bind(1, team_id).bind(2, key.project_uuid).bind(3, key.feature_slug).bind(4, key.wp_id);
}

constexpr std::string_view kAddToNode = R"sql(
    INSERT INTO board_nodes (team_id, node_id, last_seq, events, highest_lamport) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (team_id, node_id) DO UPDATE
      SET last_seq = excluded.last_seq, events = events + excluded.events,
          highest_lamport = max(highest_lamport, excluded.highest_lamport))sql";

constexpr std::string_view kTables[] = {"board_positions", "board_transition_runs", "board_facts",
                                        "board_cards",     "board_features",        "board_projects",
                                        "board_nodes"};

}  // namespace

BoardUpdate::BoardUpdate(Write write, std::string_view team_id)
    : team_id_(team_id), write_(std::move(write)) {}

Result<BoardUpdate> BoardUpdate::begin(Database& database, std::string_view team_id) {
  PAW_TRY(write, database.write());
  BoardUpdate update(std::move(write), team_id);
  PAW_TRY(prepared, update.prepare());
  return update;
}

Result<void> BoardUpdate::prepare() {
  PAW_TRY(position, write_.prepare("SELECT seq, body_hash FROM board_positions WHERE team_id = ?1"));
  PAW_TRY(found, position.bind(1, team_id_).step());
  if (found) position_ = position_in(position);
  PAW_TRY(last_run, write_.prepare(kLastRun));
  PAW_TRY(put_run, write_.prepare("INSERT OR REPLACE INTO board_transition_runs VALUES "
                                  "(?1, ?2, ?3, ?4, ?5, ?6)"));
  PAW_TRY(keep_fact, write_.prepare(kKeepFact));
  PAW_TRY(put_card, write_.prepare("INSERT OR REPLACE INTO board_cards VALUES "
                                   "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"));
  last_run_ = std::move(last_run);
  put_run_ = std::move(put_run);
  keep_fact_ = std::move(keep_fact);
  put_card_ = std::move(put_card);
  return {};
}

Result<void> BoardUpdate::clear() {
  for (const std::string_view table : kTables) {
    PAW_TRY(statement, write_.prepare(fmt::format("DELETE FROM {} WHERE team_id = ?1", table)));
    PAW_TRY(emptied, statement.bind(1, team_id_).run());
  }
  return {};
}

Result<void> BoardUpdate::add_transitions(const BoardKey& key, std::span<const TransitionRow* const> rows) {
  if (rows.empty()) return {};
  std::int64_t number = 0;
  TransitionRun run;
  PAW_TRY(there, bind_key(*last_run_, team_id_, key).step());
  if (there) {
    number = last_run_->integer(0);
    PAW_TRY(kept, TransitionRun::read(last_run_->view(1)));
    run = std::move(kept);
    last_run_->reset();
  }
  for (const TransitionRow* row : rows) {
    if (run.is_full()) {
      PAW_TRY(put, put_run(key, number++, run.bytes()));
      run = TransitionRun();
    }
    run.add(*row);
  }
  return put_run(key, number, run.bytes());
}

Result<void> BoardUpdate::put_run(const BoardKey& key, std::int64_t number, std::string_view changes) {
  return bind_key(*put_run_, team_id_, key).bind(5, number).bind_blob(6, changes).run();
}

Result<void> BoardUpdate::keep_latest(const BoardKey& key, const FactRow& fact) {
  auto& statement = bind_key(*keep_fact_, team_id_, key);
  statement.bind(5, name_of(fact.kind)).bind(6, static_cast<std::int64_t>(fact.order.lamport_clock));
  statement.bind(7, fact.order.node_id).bind(8, fact.order.event_id);
  return statement.bind(9, fact.timestamp).bind(10, fact.value).run();
}

Result<void> BoardUpdate::put_card(const BoardKey& key, const CardRow& card) {
  auto& statement = bind_key(*put_card_, team_id_, key);
  statement.bind(5, protocol::name_of(card.lane)).bind(6, card.title);
  statement.bind(7, card.assignee);
  statement.bind(8, card.agent);
  statement.bind(9, card.since);
  statement.bind(10, card.last_event_id);
  return statement.bind(11, card.conflict_json).run();
}

Result<void> BoardUpdate::put_feature(std::string_view project_uuid, std::string_view feature_slug) {
  PAW_TRY(statement, write_.prepare("INSERT OR IGNORE INTO board_features VALUES (?1, ?2, ?3)"));
  return statement.bind(1, team_id_).bind(2, project_uuid).bind(3, feature_slug).run();
}

Result<void> BoardUpdate::put_project(std::string_view project_uuid, std::int64_t last_seen_ms) {
  PAW_TRY(statement, write_.prepare("INSERT OR REPLACE INTO board_projects VALUES (?1, ?2, ?3)"));
  return statement.bind(1, team_id_).bind(2, project_uuid).bind(3, last_seen_ms).run();
}

Result<void> BoardUpdate::add_to_node(std::string_view node_id, const NodeCounts& more) {
  PAW_TRY(statement, write_.prepare(kAddToNode));
  statement.bind(1, team_id_).bind(2, node_id).bind(3, static_cast<std::int64_t>(more.last_seq));
  statement.bind(4, static_cast<std::int64_t>(more.events));
  return statement.bind(5, static_cast<std::int64_t>(more.highest_lamport)).run();
}

Result<void> BoardUpdate::finish(const BoardPosition& position) {
  PAW_TRY(statement, write_.prepare("INSERT OR REPLACE INTO board_positions VALUES (?1, ?2, ?3)"));
  const std::string_view hash(reinterpret_cast<const char*>(position.body_hash.data()),
                              position.body_hash.size());
  failpoint("hub-board-rows");
  statement.bind(1, team_id_).bind(2, static_cast<std::int64_t>(position.seq)).bind_blob(3, hash);
  PAW_TRY(moved, statement.run());
  failpoint("hub-board-before-commit");
  PAW_TRY(committed, write_.commit());
  failpoint("hub-board-committed");
  return {};
}

Result<void> BoardUpdate::finish_with_rows_of(std::string_view other) {
  PAW_TRY(cleared, clear());
  for (const std::string_view table : kTables) {
    PAW_TRY(statement, write_.prepare(fmt::format("UPDATE {} SET team_id = ?1 WHERE team_id = ?2", table)));
    PAW_TRY(moved, statement.bind(1, team_id_).bind(2, other).run());
  }
  failpoint("hub-rebuild-before-commit");
  PAW_TRY(committed, write_.commit());
  failpoint("hub-rebuild-committed");
  return {};
}

}  // namespace pawprint::hub::store
