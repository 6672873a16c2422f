#include "hub/live/frames.h"

#include "base/format.h"
#include "protocol/envelope.h"
#include "protocol/lanes.h"

namespace pawprint::hub::live {
namespace {

using protocol::json_string;

// Below the 1 MiB at which a client of Python's `websockets` closes the connection, if not told otherwise.
constexpr std::size_t kMaxSnapshotBytes = 1'000'000;

std::string json_or_null(const std::optional<std::string>& text) {
  return text ? json_string(*text) : "null";
}

std::string card_json(const store::PlacedCard& placed) {
  const store::CardRow& card = placed.card;
  return fmt::format(
      R"({{"project_uuid":{},"feature_slug":{},"wp_id":{},"lane":"{}","title":{},"assignee":{},"agent":{},"since":{},"last_event_id":{},"conflict":{}}})",
      json_string(placed.project_uuid), json_string(placed.feature_slug), json_string(card.wp_id),
      protocol::name_of(card.lane), json_string(card.title), json_or_null(card.assignee),
      json_or_null(card.agent), json_or_null(card.since), json_or_null(card.last_event_id),
      card.conflict_json.value_or("null"));
}

}  // namespace

std::string event_text(std::uint64_t seq, std::string_view cursor, std::string_view body) {
  return fmt::format(R"({{"type":"event","seq":{},"cursor":"{}","event":{}}})", seq, cursor, body);
}

std::string snapshot_text(const store::TeamCards& cards, std::string_view cursor, bool truncated) {
  std::string all;
  for (const store::PlacedCard& card : cards.cards) {
    const std::string json = card_json(card);
    if (all.size() + json.size() >= kMaxSnapshotBytes) {
      truncated = true;
      break;
    }
    if (!all.empty()) all += ',';
    all += json;
  }
  return fmt::format(R"({{"type":"snapshot","work_packages":[{}],"cursor":"{}","truncated":{}}})", all,
                     cursor, truncated);
}

std::string verdict_text(const protocol::Verdict& verdict) {
  const std::string event_id =
      verdict.odd_event_id.empty() ? json_or_null(verdict.event_id) : verdict.odd_event_id;
  if (verdict.status != protocol::VerdictStatus::error) {
    return fmt::format(R"({{"type":"ack","event_id":{},"status":"{}"}})", event_id,
                       protocol::name_of(verdict.status));
  }
  return fmt::format(
      R"({{"type":"error","event_id":{},"status":"error","error_message":{},"error_category":{}}})", event_id,
      json_string(verdict.error_message), json_string(verdict.error_category));
}

std::string clock_text(std::uint64_t value) {
  return fmt::format(R"({{"type":"clock","value":{}}})", value);
}

std::string ping_text(std::string_view timestamp) {
  return fmt::format(R"({{"type":"ping","timestamp":"{}"}})", timestamp);
}

std::string resync_text(std::string_view reason, std::string_view cursor) {
  return fmt::format(R"({{"type":"resync","reason":{},"cursor":"{}"}})", json_string(reason), cursor);
}

std::string lagged_text(std::string_view cursor) {
  return fmt::format(R"({{"type":"lagged","cursor":"{}"}})", cursor);
}

}  // namespace pawprint::hub::live
