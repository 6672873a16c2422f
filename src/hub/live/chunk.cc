#include "hub/live/chunk.h"

#include "hub/board/cursor.h"
#include "hub/live/frames.h"

namespace pawprint::hub::live {
namespace {

constexpr std::size_t kChunkBytes = 128U << 10;
constexpr std::size_t kEventsPerRead = 64;
constexpr std::size_t kMaxEventsPerChunk = 512;

}  // namespace

std::string cursor_text(const store::Store& store, const Place& place) {
  return board::encode_cursor({.epoch = store.epoch(), .seq = place.seq, .body_hash = place.body_hash});
}

Result<SharedChunk> read_chunk(store::Store& store, std::string_view team_id, std::uint64_t after_seq) {
  auto chunk = std::make_shared<Chunk>();
  chunk->after_seq = after_seq;
  std::string frames;
  std::uint64_t reached = after_seq;
  while (frames.size() < kChunkBytes && chunk->marks.size() < kMaxEventsPerChunk) {
    PAW_TRY(events, store.log().follow(team_id, reached, kEventsPerRead));
    for (const auto& event : events) {
      const Place place{event->seq, board::hash_prefix(event->body_hash)};
      frames += net::text_frame(event_text(event->seq, cursor_text(store, place), event->body));
      chunk->marks.push_back({place, frames.size(), event->project_uuid});
      reached = event->seq;
    }
    if (events.size() < kEventsPerRead) break;
  }
  if (chunk->marks.empty()) return nullptr;
  chunk->frames = std::make_shared<const std::string>(std::move(frames));
  return chunk;
}

SharedChunk part_of(const Chunk& chunk, std::uint64_t after_seq, const std::optional<Projects>& projects) {
  auto part = std::make_shared<Chunk>();
  part->after_seq = after_seq;
  std::string frames;
  std::size_t begin = 0;
  for (const Mark& mark : chunk.marks) {
    const bool wanted = mark.place.seq > after_seq &&
                        (!projects || (mark.project_uuid && projects->contains(*mark.project_uuid)));
    if (wanted) {
      frames.append(*chunk.frames, begin, mark.end - begin);
      part->marks.push_back({mark.place, frames.size(), mark.project_uuid});
    }
    begin = mark.end;
  }
  part->frames = std::make_shared<const std::string>(std::move(frames));
  return part;
}

}  // namespace pawprint::hub::live
