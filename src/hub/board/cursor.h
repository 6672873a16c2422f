// Cursors (docs/protocol.md, live channel): a place in a team's log, opaque to clients. base64url without
// padding of the epoch (26 characters), seq (8 bytes, big-endian) and the first 8 bytes of the body hash at
// seq. The team is not in it: that comes from the token alone. Those of the other lists have a mark in front
// that no such text has, so that none is taken for a place of another list:
//   machines  "n." and the cursor of the last event of a page's last machine
//   projects  "p.", the epoch, "." and the uuid of a page's first project
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "hub/store/board_rows.h"

namespace pawprint::hub::board {

struct Cursor {
  std::string epoch;  // a ULID
  std::uint64_t seq = 0;
  store::BodyHashPrefix body_hash{};  // zeros at seq 0, the place before the first event
};

store::BodyHashPrefix hash_prefix(const Digest& body_hash);

std::string encode_cursor(const Cursor& cursor);

// Kind `invalid` for anything that encode_cursor cannot have written. Whether the place exists is for the
// caller to say: see resume() in events_page.h.
Result<Cursor> decode_cursor(std::string_view text);

std::string encode_nodes_cursor(const Cursor& last);
Result<Cursor> decode_nodes_cursor(std::string_view text);  // as decode_cursor

struct ProjectsCursor {
  std::string epoch;  // a ULID
  std::string uuid;   // lower-case
};
std::string encode_projects_cursor(const ProjectsCursor& cursor);
Result<ProjectsCursor> decode_projects_cursor(std::string_view text);  // as decode_cursor

}  // namespace pawprint::hub::board
