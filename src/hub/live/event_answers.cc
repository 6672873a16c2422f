#include "hub/live/event_answers.h"

#include "base/format.h"
#include "hub/ingest/judge.h"
#include "hub/live/frames.h"
#include "net/web_socket.h"
#include "protocol/batch.h"

namespace pawprint::hub::live {
namespace {

constexpr int kForbidden = 403;
constexpr int kOverQuota = 429;

std::string refusals(std::span<const std::string> events, std::string_view message,
                     std::string_view category) {
  std::string frames;
  for (const std::string& event : events) {
    frames += net::text_frame(verdict_text(ingest::refused(event, category, std::string(message))));
  }
  return frames;
}

std::string why_not(const ingest::IngestAnswer& answer) {
  if (answer.status != kOverQuota) return "the hub cannot store events now";
  std::string why = "the team is over its quota";
  for (const auto& [name, value] : answer.headers) {
    if (name == "Retry-After") why += fmt::format(": wait {} s", value);
  }
  return why;
}

}  // namespace

std::expected<std::string, std::string> ingest_events(ingest::Ingest& ingest,
                                                      const identity::Principal& principal,
                                                      std::span<const std::string> events) {
  const ingest::IngestAnswer answer =
      ingest.one_by_one({principal.team_id, principal.team_slug, principal.user_id, principal.role}, events);
  if (answer.verdicts.size() == events.size()) {
    std::string frames;
    for (const protocol::Verdict& verdict : answer.verdicts) frames += net::text_frame(verdict_text(verdict));
    return frames;
  }
  if (answer.status != kForbidden) return std::unexpected(why_not(answer));
  return refusals(events, "you may read here, but not write", "forbidden");
}

}  // namespace pawprint::hub::live
