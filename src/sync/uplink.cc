#include "sync/uplink.h"

#include <algorithm>
#include <boost/json/value.hpp>

#include "base/failpoint.h"
#include "base/sabotage.h"
#include "net/gzip.h"
#include "protocol/json.h"
#include "sync/batch_endpoint.h"
#include "sync/patience.h"

namespace pawprint::sync {
namespace {

constexpr std::size_t kRowsPerSettlement = 256;  // how long home.lock is held at a time

bool is_announcement(const boost::json::object& event) {
  const boost::json::value* type = event.if_contains("event_type");
  return type != nullptr && type->is_string() &&
         (type->get_string() == "FeatureCreated" || type->get_string() == "WPCreated");
}

// A verdict names an event by its id: one for another id would settle nothing.
bool has_id(const boost::json::object& event, std::string_view event_id) {
  const boost::json::value* id = event.if_contains("event_id");
  return id != nullptr && id->is_string() && id->get_string() == event_id;
}

Row row_of(const outbox::SendableRow& queued) {
  Row row;
  row.id = queued.id;
  row.event_id = queued.event_id;
  row.bytes = queued.data.size();
  const Result<boost::json::value> event = protocol::parse_json(queued.data);
  if (!event) {
    row.malformed = event.error().message;
  } else if (!event->is_object()) {
    row.malformed = "the event is no JSON object";
  } else if (!has_id(event->get_object(), row.event_id)) {
    row.malformed = "event_id: the event does not have the id that it was queued with";
  } else {
    row.announcement = is_announcement(event->get_object());
  }
  return row;
}

}  // namespace

Uplink::Uplink(const Means& means, signin::SignIn& signin, HubEpochs& epochs, outbox::Link link,
               const protocol::IngressLimits& limits)
    : means_(means), signin_(signin), epochs_(epochs), link_(std::move(link)), state_(limits) {}

Ending Uplink::run(const QueueAge& queue, const Progress& progress) {
  queue_ = queue;
  return ending(deliver(progress));
}

Result<Stop> Uplink::deliver(const Progress& progress) {
  Input input = Started{};
  while (true) {
    for (const Action& action : step(state_, input, moment())) {
      if (const auto* settlement = std::get_if<Settle>(&action)) {
        PAW_TRY(settled, settle(*settlement));
        progress(settled_);
      } else if (const auto* stop = std::get_if<Stop>(&action)) {
        return *stop;
      } else if (means_.interrupted) {
        input = Interrupted{};
      } else {
        PAW_TRY(learned, perform(action));
        input = std::move(learned);
      }
    }
  }
}

Result<Input> Uplink::perform(const Action& action) {
  if (const auto* wanted = std::get_if<LoadRows>(&action)) return load(*wanted);
  if (const auto* batch = std::get_if<Post>(&action)) return post(*batch);
  if (const auto* pause = std::get_if<Wait>(&action)) {
    means_.waiter.wait(std::chrono::milliseconds(pause->ms));
    return Waited{};
  }
  return refresh();
}

Result<Input> Uplink::load(const LoadRows& wanted) {
  PAW_TRY(rows, means_.outbox.sendable(link_, wanted.max_rows, wanted.max_bytes));
  RowsLoaded loaded;
  for (outbox::SendableRow& row : rows) {
    loaded.rows.push_back(row_of(row));
    texts_[row.id] = std::move(row.data);
  }
  if (!loaded.rows.empty()) {  // what a hub has must not be forgotten here by a power cut
    PAW_TRY(durable, patiently([this] { return means_.outbox.make_durable(); }));
  }
  return loaded;
}

// Somebody unlinked the project or signed out while its rows were being sent.
Result<std::optional<Input>> Uplink::withdrawn() const {
  PAW_TRY(linked, means_.outbox.is_active(link_));
  if (!linked) return LinkEnded{};
  PAW_TRY(signed_in, signin_.is_authenticated());
  if (!signed_in) return Refreshed::rejected;
  return std::nullopt;
}

Result<Input> Uplink::post(const Post& batch) {
  PAW_TRY(ended, withdrawn());
  if (ended) return *std::move(ended);
  const Result<std::string> token = signin_.access_token();
  if (!token) {
    if (token.error().kind == ErrorKind::not_signed_in) return Refreshed::rejected;
    if (token.error().kind == ErrorKind::unreachable) return NotRefreshed{token.error().message};
    return std::unexpected(token.error());
  }
  std::vector<std::string> events;
  for (const std::int64_t id : batch.ids) events.push_back(texts_.at(id));
  PAW_TRY(body, net::gzip(protocol::write_batch(events)));
  if (body.size() > state_.limits.max_bytes_per_batch) return Oversized{};
  if (sabotaged("settle-before-verdict")) {
    std::vector<outbox::Settlement> early;
    for (const std::int64_t id : batch.ids)
      early.push_back({.id = id, .to = outbox::RowState::sent, .reason = {}});
    PAW_TRY(settled, means_.outbox.settle(early));
  }
  failpoint("deliver-before-request");
  BatchAnswer answer = post_batch(means_.http, {.origin = link_.server_origin,
                                                .access_token = *token,
                                                .gzipped_body = body,
                                                .queued = queue_.queued - std::min(queue_.queued, settled_),
                                                .oldest_s = queue_.oldest_s,
                                                .now_s = moment().now_ms / 1000});
  failpoint("deliver-answered");
  if (answer.highest_clock) {
    highest_clock_ = std::max(highest_clock_.value_or(0), *answer.highest_clock);
  }
  // Before the verdicts: what this batch had is settled under the epoch of the log that has it.
  PAW_TRY(heard, epochs_.hear(link_, answer.epoch));
  return std::move(answer.input);
}

Result<Input> Uplink::refresh() {
  PAW_TRY(outcome, signin_.refresh());
  switch (outcome) {
    case signin::RefreshOutcome::refreshed:
      return Refreshed::done;
    case signin::RefreshOutcome::rejected:
      return Refreshed::rejected;
    case signin::RefreshOutcome::unknown:
      break;
  }
  return NotRefreshed{signin_.why_unknown()};
}

Result<void> Uplink::settle(const Settle& settlement) {
  std::vector<outbox::Settlement> moves;
  for (const Settle::Item& item : settlement.items) {
    const auto to = item.fate == Fate::sent ? outbox::RowState::sent : outbox::RowState::parked;
    moves.push_back({.id = item.id, .to = to, .reason = item.reason, .link_id = link_.link_id});
    texts_.erase(item.id);
  }
  for (std::span<const outbox::Settlement> rest = moves; !rest.empty();) {
    const auto chunk = rest.first(std::min(rest.size(), kRowsPerSettlement));
    // Without its verdict an event would be sent once more.
    PAW_TRY(settled, patiently([&] { return means_.outbox.settle(chunk); }));
    rest = rest.subspan(chunk.size());
  }
  settled_ += moves.size();
  return {};
}

Ending Uplink::ending(const Result<Stop>& stop) const {
  Ending ending{.tally = state_.tally,
                .unknown = state_.unknown(),
                .reason = StopReason::failed,
                .words = {},
                .failure = std::nullopt,
                .highest_clock = highest_clock_,
                .next_attempt_ms = state_.next_attempt_ms};
  if (stop) {
    ending.reason = stop->reason;
    ending.words = stop->words;
  } else {
    ending.failure = stop.error();
  }
  return ending;
}

Moment Uplink::moment() const {
  return {.now_ms = means_.environment.clock->unix_ms(), .jitter = means_.environment.random->next_u64()};
}

}  // namespace pawprint::sync
