// The part of Boards that sums up a projection, so that two can be compared.
#include "base/hash.h"
#include "hub/store/boards.h"
#include "hub/store/digest_column.h"

namespace pawprint::hub::store {
namespace {

struct Table {
  std::string_view name;
  std::string_view rows;  // of a team, by primary key
  int columns;            // behind the team's id
};

constexpr Table kTables[] = {
    {"board_positions", "SELECT seq, body_hash FROM board_positions WHERE team_id = ?1", 2},
    {"board_transition_runs",
     "SELECT project_uuid, feature_slug, wp_id, number, changes FROM board_transition_runs WHERE team_id = ?1"
     " ORDER BY 1, 2, 3, 4",
     5},
    {"board_facts",
     "SELECT project_uuid, feature_slug, wp_id, kind, lamport_clock, node_id, event_id, timestamp, value"
     " FROM board_facts WHERE team_id = ?1 ORDER BY 1, 2, 3, 4",
     9},
    {"board_cards",
     "SELECT project_uuid, feature_slug, wp_id, lane, title, assignee, agent, since, last_event_id,"
     " conflict_json FROM board_cards WHERE team_id = ?1 ORDER BY 1, 2, 3",
     10},
    {"board_features",
     "SELECT project_uuid, feature_slug FROM board_features WHERE team_id = ?1 ORDER BY 1, 2", 2},
    {"board_projects", "SELECT project_uuid, last_seen_ms FROM board_projects WHERE team_id = ?1 ORDER BY 1",
     2},
    {"board_nodes",
     "SELECT node_id, last_seq, events, highest_lamport FROM board_nodes WHERE team_id = ?1 ORDER BY 1", 4},
};

// Each row is hashed together with the sum of those before it. A length stands before every value, so that no
// two rows read the same.
Result<Digest> sum_of(Read& read, std::string_view team_id, const Table& table) {
  PAW_TRY(row, read.prepare(table.rows));
  row.bind(1, team_id);
  Digest sum{};
  for (;;) {
    PAW_TRY(more, row.step());
    if (!more) return sum;
    std::string bytes(bytes_of(sum));
    for (int column = 0; column < table.columns; ++column) {
      bytes += row.is_null(column) ? "-" : std::to_string(row.view(column).size()) + ":";
      bytes += row.view(column);
    }
    sum = sha256(bytes);
  }
}

}  // namespace

Result<BoardFingerprint> Boards::fingerprint(std::string_view team_id) {
  PAW_TRY(read, database_.read());
  BoardFingerprint fingerprint;
  for (const Table& table : kTables) {
    PAW_TRY(sum, sum_of(read, team_id, table));
    fingerprint.sums.emplace_back(table.name, sum);
  }
  PAW_TRY(position, read.prepare("SELECT seq, body_hash FROM board_positions WHERE team_id = ?1"));
  PAW_TRY(found, position.bind(1, team_id).step());
  if (found) fingerprint.position = position_in(position);
  return fingerprint;
}

}  // namespace pawprint::hub::store
