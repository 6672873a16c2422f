#include "hub/ingest/cut.h"
#include "hub/ingest/judge.h"
#include "net/gzip.h"
#include "protocol/limits.h"
#include "targets.h"

namespace pawprint::fuzz {

using hub::ingest::cut_events;

void read_batch(std::string_view body) {
  constexpr std::uint64_t kMostBytes = 1U << 20;
  const auto inflated = net::gunzip(body, kMostBytes);
  if (inflated) {
    must_hold(inflated->size() <= kMostBytes, "inflating stops at the limit");
    body = *inflated;
  }
  const auto batch = std::make_shared<const std::string>(body);
  body = *batch;
  const auto slices = cut_events(body, protocol::max_events_per_batch);
  if (!slices) return;
  must_hold(slices->size() <= protocol::max_events_per_batch + 1, "cutting stops at the limit");
  hub::ingest::Judge judge("acme", 1'000'000, batch);
  const char* behind = body.data();
  for (const std::string_view slice : *slices) {
    must_hold(slice.data() >= behind && slice.data() + slice.size() <= body.data() + body.size(),
              "slices are of the body, one behind the other");
    behind = slice.data() + slice.size();
    const auto judged = judge.judge(slice);
    const bool refused = !judged.verdict.error_category.empty();
    must_hold(refused == !judged.verdict.error_message.empty(), "a refusal has its category and its reason");
    must_hold(refused || (judged.event && judged.event->body == slice), "an event is stored as it came");
    must_hold(refused || judged.event->lamport <= 1'000'000, "no value above the ceiling is stored");
  }
}

}  // namespace pawprint::fuzz
