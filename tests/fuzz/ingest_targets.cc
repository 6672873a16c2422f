#include <boost/json/value.hpp>
#include <vector>

#include "hub/ingest/cut.h"
#include "hub/ingest/judge.h"
#include "hub/live/frames.h"
#include "hub/live/incoming.h"
#include "net/gzip.h"
#include "protocol/json.h"
#include "protocol/limits.h"
#include "targets.h"

namespace pawprint::fuzz {
namespace {

using hub::ingest::Judge;

constexpr std::uint64_t kCeiling = 1'000'000;

bool is_json_object(std::string_view text) {
  const auto value = protocol::parse_json(text);
  return value && value->is_object();
}

// Whether it is to be stored.
bool is_judged(Judge& judge, std::string_view slice) {
  const auto judged = judge.judge(slice);
  const bool refused = !judged.verdict.error_category.empty();
  must_hold(refused == !judged.verdict.error_message.empty(), "a refusal has its category and its reason");
  must_hold(refused || (judged.event && judged.event->body == slice), "an event is stored as it came");
  must_hold(refused || judged.event->lamport <= kCeiling, "no value above the ceiling is stored");
  must_hold(!refused || !judged.event || judged.event->only_if_known, "what is refused is not stored");
  must_hold(is_json_object(hub::live::verdict_text(judged.verdict)), "a verdict is a frame");
  return !refused;
}

std::string good_event(char number) {
  std::string event = R"({"event_id":"01KH6J3Q8V000000000000000#","event_type":"WPStatusChanged",)"
                      R"("aggregate_id":"WP01","aggregate_type":"WorkPackage","node_id":"a1b2c3d4e5f6",)"
                      R"("lamport_clock":1,"timestamp":"2026-02-03T12:00:00Z","team_slug":"acme",)"
                      R"("project_uuid":"7c9e6679-7425-40de-944b-e07fc1f90ae7",)"
                      R"("payload":{"wp_id":"WP01","from_lane":"planned","to_lane":"in_progress"}})";
  event[event.find('#')] = number;
  return event;
}

}  // namespace

void read_batch(std::string_view body) {
  constexpr std::uint64_t kMostBytes = 1U << 20;
  const auto inflated = net::gunzip(body, kMostBytes);
  if (inflated) {
    must_hold(inflated->size() <= kMostBytes, "inflating stops at the limit");
    body = *inflated;
  }
  const auto batch = std::make_shared<const std::string>(body);
  body = *batch;
  const auto slices = hub::ingest::cut_events(body, protocol::max_events_per_batch);
  if (!slices) return;
  must_hold(slices->size() <= protocol::max_events_per_batch + 1, "cutting stops at the limit");
  Judge judge("acme", kCeiling, batch);
  const char* behind = body.data();
  for (const std::string_view slice : *slices) {
    must_hold(slice.data() >= behind && slice.data() + slice.size() <= body.data() + body.size(),
              "slices are of the body, one behind the other");
    behind = slice.data() + slice.size();
    is_judged(judge, slice);
  }
}

void read_frame(std::string_view text) {
  const auto incoming = hub::live::classify(text);
  const bool is_object = is_json_object(text);
  if (const auto* bad = std::get_if<hub::live::BadFrame>(&incoming)) {
    must_hold(is_json_object(hub::live::verdict_text(
                  {std::nullopt, protocol::VerdictStatus::error, bad->why, "malformed"})),
              "a refusal is a frame");
  }
  if (!std::holds_alternative<hub::live::Event>(incoming)) {
    return must_hold(is_object, "what is no JSON is neither a pong nor a wish");
  }
  const std::vector<std::string> sent{good_event('1'), std::string(text), good_event('2')};
  const auto all = hub::ingest::side_by_side(sent);
  must_hold(all.events.size() == sent.size(), "each message has one verdict");
  Judge judge("acme", kCeiling, all.whole);
  must_hold(is_judged(judge, all.events[0]), "what came before is stored");
  must_hold(!is_judged(judge, all.events[1]) || is_object, "only one whole object is stored");
  must_hold(is_judged(judge, all.events[2]), "what comes behind is stored");
  must_hold(text.contains(all.events[1]), "and of the message itself");
}

}  // namespace pawprint::fuzz
