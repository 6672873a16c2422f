// A run of a team's log as frames, made once for all sockets.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hub/store/store.h"
#include "net/web_socket.h"

namespace pawprint::hub::live {

// A place in the log that a socket has reached.
using Place = store::BoardPosition;

struct Mark {
  Place place;
  std::size_t end = 0;  // in the frames, behind this event's
  std::optional<std::string> project_uuid;
};

struct Chunk {
  std::uint64_t after_seq = 0;  // where the run begins: behind this event
  net::Frames frames;
  std::vector<Mark> marks;  // one for each event, so never empty in a run of the log
  const Place& last() const { return marks.back().place; }
};

using SharedChunk = std::shared_ptr<const Chunk>;
using Projects = std::set<std::string, std::less<>>;

std::string cursor_text(const store::Store& store, const Place& place);

// What the log has behind `after_seq`, about 128 KiB at most unless one event has more; nullptr: nothing.
Result<SharedChunk> read_chunk(store::Store& store, std::string_view team_id, std::uint64_t after_seq);

// The part of a run behind `after_seq` that is of these projects (nullopt: of all).
SharedChunk part_of(const Chunk& chunk, std::uint64_t after_seq, const std::optional<Projects>& projects);

}  // namespace pawprint::hub::live
