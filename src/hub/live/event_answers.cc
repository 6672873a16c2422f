#include "hub/live/event_answers.h"

#include "hub/live/frames.h"
#include "net/web_socket.h"
#include "protocol/batch.h"

namespace pawprint::hub::live {
namespace {

constexpr int kForbidden = 403;

std::string refusals(std::size_t count, std::string_view message, std::string_view category) {
  const std::string frame = net::text_frame(verdict_text(
      {std::nullopt, protocol::VerdictStatus::error, std::string(message), std::string(category)}));
  std::string frames;
  for (std::size_t i = 0; i < count; ++i) frames += frame;
  return frames;
}

}  // namespace

std::optional<std::string> ingest_events(ingest::Ingest& ingest, const identity::Principal& principal,
                                         std::span<const std::string> events) {
  const ingest::IngestAnswer answer =
      ingest.one_by_one({principal.team_id, principal.team_slug, principal.user_id, principal.role}, events);
  if (answer.verdicts.size() == events.size()) {
    std::string frames;
    for (const protocol::Verdict& verdict : answer.verdicts) frames += net::text_frame(verdict_text(verdict));
    return frames;
  }
  if (answer.status != kForbidden) return std::nullopt;
  return refusals(events.size(), "you may read here, but not write", "forbidden");
}

}  // namespace pawprint::hub::live
