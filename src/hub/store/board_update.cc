#include "hub/store/boards.h"

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

constexpr std::string_view kReadTransitions = R"sql(
    SELECT event_id, causation_id, from_lane, to_lane, lamport_clock, node_id, actor, timestamp, resolve, older_client
    FROM board_transitions WHERE team_id = ?1 AND project_uuid = ?2 AND feature_slug = ?3 AND wp_id = ?4
    ORDER BY event_id)sql";

constexpr std::string_view kReadFacts = R"sql(
    SELECT kind, lamport_clock, node_id, event_id, timestamp, value
    FROM board_facts WHERE team_id = ?1 AND project_uuid = ?2 AND feature_slug = ?3 AND wp_id = ?4
    ORDER BY kind)sql";

sqlite::Statement& bind_key(sqlite::Statement& statement, std::string_view team_id, const BoardKey& key) {
  return statement.bind(1, team_id).bind(2, key.project_uuid).bind(3, key.feature_slug).bind(4, key.wp_id);
}

protocol::OrderKey order_in(const sqlite::Statement& row, int lamport, int node, int event) {
  return {static_cast<std::uint64_t>(row.integer(lamport)), row.text(node), row.text(event)};
}

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
  PAW_TRY(add_transition, write_.prepare("INSERT OR IGNORE INTO board_transitions VALUES "
                                         "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"));
  PAW_TRY(keep_fact, write_.prepare(kKeepFact));
  PAW_TRY(read_transitions, write_.prepare(kReadTransitions));
  PAW_TRY(read_facts, write_.prepare(kReadFacts));
  PAW_TRY(put_card, write_.prepare("INSERT OR REPLACE INTO board_cards VALUES "
                                   "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"));
  add_transition_ = std::move(add_transition);
  keep_fact_ = std::move(keep_fact);
  read_transitions_ = std::move(read_transitions);
  read_facts_ = std::move(read_facts);
  put_card_ = std::move(put_card);
  return {};
}

Result<void> BoardUpdate::clear() {
  for (const std::string_view sql :
       {"DELETE FROM board_positions WHERE team_id = ?1", "DELETE FROM board_transitions WHERE team_id = ?1",
        "DELETE FROM board_facts WHERE team_id = ?1", "DELETE FROM board_cards WHERE team_id = ?1",
        "DELETE FROM board_features WHERE team_id = ?1", "DELETE FROM board_projects WHERE team_id = ?1"}) {
    PAW_TRY(statement, write_.prepare(sql));
    PAW_TRY(emptied, statement.bind(1, team_id_).run());
  }
  return {};
}

Result<void> BoardUpdate::add_transition(const BoardKey& key, const TransitionRow& row) {
  auto& statement = bind_key(*add_transition_, team_id_, key);
  statement.bind(5, row.order.event_id);
  statement.bind(6, row.causation_id);
  statement.bind(7, protocol::name_of(row.from)).bind(8, protocol::name_of(row.to));
  statement.bind(9, static_cast<std::int64_t>(row.order.lamport_clock)).bind(10, row.order.node_id);
  statement.bind(11, row.actor).bind(12, row.timestamp);
  return statement.bind(13, std::int64_t{row.resolve}).bind(14, std::int64_t{row.older_client}).run();
}

Result<void> BoardUpdate::keep_latest(const BoardKey& key, const FactRow& fact) {
  auto& statement = bind_key(*keep_fact_, team_id_, key);
  statement.bind(5, name_of(fact.kind)).bind(6, static_cast<std::int64_t>(fact.order.lamport_clock));
  statement.bind(7, fact.order.node_id).bind(8, fact.order.event_id);
  return statement.bind(9, fact.timestamp).bind(10, fact.value).run();
}

Result<std::vector<TransitionRow>> BoardUpdate::transitions(const BoardKey& key) {
  auto& row = bind_key(*read_transitions_, team_id_, key);
  std::vector<TransitionRow> transitions;
  for (;;) {
    PAW_TRY(more, row.step());
    if (!more) return transitions;
    const auto from = protocol::lane_of(row.view(2));
    const auto to = protocol::lane_of(row.view(3));
    if (!from || !to) return fail(ErrorKind::io, "cannot fold the board: a transition names no lane");
    TransitionRow transition;
    transition.order = order_in(row, 4, 5, 0);
    if (!row.is_null(1)) transition.causation_id = row.text(1);
    transition.from = *from;
    transition.to = *to;
    if (!row.is_null(6)) transition.actor = row.text(6);
    transition.timestamp = row.text(7);
    transition.resolve = row.integer(8) != 0;
    transition.older_client = row.integer(9) != 0;
    transitions.push_back(std::move(transition));
  }
}

Result<std::vector<FactRow>> BoardUpdate::facts(const BoardKey& key) {
  auto& row = bind_key(*read_facts_, team_id_, key);
  std::vector<FactRow> facts;
  for (;;) {
    PAW_TRY(more, row.step());
    if (!more) return facts;
    const auto kind = fact_kind_of(row.view(0));
    if (!kind) return fail(ErrorKind::io, "cannot fold the board: a fact is of no known kind");
    facts.push_back({*kind, order_in(row, 1, 2, 3), row.text(4), row.text(5)});
  }
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

Result<void> BoardUpdate::finish(const BoardPosition& position) {
  PAW_TRY(statement, write_.prepare("INSERT OR REPLACE INTO board_positions VALUES (?1, ?2, ?3)"));
  const std::string_view hash(reinterpret_cast<const char*>(position.body_hash.data()),
                              position.body_hash.size());
  statement.bind(1, team_id_).bind(2, static_cast<std::int64_t>(position.seq)).bind_blob(3, hash);
  PAW_TRY(moved, statement.run());
  return write_.commit();
}

}  // namespace pawprint::hub::store
