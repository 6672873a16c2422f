// The part of Boards that reads machines.
#include "hub/store/boards.h"
#include "hub/store/digest_column.h"
#include "protocol/limits.h"

namespace pawprint::hub::store {
namespace {

constexpr std::string_view kReadNodes = R"sql(
    SELECT n.node_id, n.last_seq, n.events, n.highest_lamport, e.received_at_ms, e.body, e.body_hash
    FROM (SELECT * FROM board_nodes WHERE team_id = ?1 AND last_seq < ?2 ORDER BY last_seq DESC LIMIT ?3) n
    CROSS JOIN events e ON e.team_id = ?1 AND e.seq = n.last_seq
    ORDER BY n.last_seq DESC)sql";

NodeRow node_in(const sqlite::Statement& row) {
  NodeRow node;
  node.node_id = row.text(0);
  node.counts = {static_cast<std::uint64_t>(row.integer(1)), static_cast<std::uint64_t>(row.integer(2)),
                 static_cast<std::uint64_t>(row.integer(3))};
  node.last.seq = node.counts.last_seq;
  node.last.received_at_ms = row.integer(4);
  node.last.body = row.text(5);
  node.last.body_hash = digest_of(row.view(6));
  return node;
}

}  // namespace

Result<NodeRows> Boards::nodes(std::string_view team_id, std::uint64_t before, std::size_t limit) {
  PAW_TRY(read, database_.read());
  PAW_TRY(row, read.prepare(kReadNodes));
  row.bind(1, team_id).bind(2, static_cast<std::int64_t>(before));
  row.bind(3, static_cast<std::int64_t>(limit + 1));
  NodeRows nodes;
  std::uint64_t bytes = 0;
  for (;;) {
    PAW_TRY(there, row.step());
    if (!there) return nodes;
    nodes.more = nodes.rows.size() == limit || bytes >= protocol::max_decompressed_bytes_per_batch;
    if (nodes.more) return nodes;
    nodes.rows.push_back(node_in(row));
    bytes += nodes.rows.back().last.body.size();
  }
}

}  // namespace pawprint::hub::store
