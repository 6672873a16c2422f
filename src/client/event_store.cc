#include "client/event_store.h"

#include <algorithm>

#include "base/format.h"
#include "settings/settings.h"

namespace pawprint::client {
namespace {

constexpr std::int64_t kUnlinked = 0;

std::uint64_t queue_limit(const Environment& environment, const Path& home, Warnings& warnings) {
  auto settings = settings::load_settings(*environment.disk, home);
  if (settings) return settings->queue_limit;
  warnings.add("settings", settings.error().message + "; the defaults are used", settings.error().hint);
  return settings::Settings{}.queue_limit;
}

std::unexpected<Error> not_stored(Error cause, const std::optional<Error>& queue) {
  cause.kind = ErrorKind::not_stored;
  cause.message = "the event was not stored: " + cause.message;
  if (queue) cause.message += fmt::format(" (and the queue: {})", queue->message);
  if (cause.hint.empty()) cause.hint = "pawprint sync status";
  return std::unexpected(std::move(cause));
}

}  // namespace

EventStore::EventStore(const Environment& environment, const Path& home, std::string node_id,
                       Warnings& warnings)
    : environment_(environment),
      home_(home),
      queue_limit_(queue_limit(environment, home, warnings)),
      clock_(environment, home, std::move(node_id)),
      spill_(environment, home) {}

void EventStore::open_queue(Warnings& warnings) {
  trouble_.reset();
  if (queue_) return;
  auto opened = outbox::Outbox::open(environment_, home_);
  if (opened) {
    queue_.emplace(*std::move(opened));
    queue_->report_to(warnings);
  } else {
    give_up_queue(std::move(opened).error(), warnings);
  }
}

// What cannot be read does not count: clock.json, which is asked as well, knows the value in ordinary times.
void EventStore::look_at_spill() {
  const auto files = spill_.files();
  spilled_ = !files || !files->empty();
  if (!spilled_) {
    last_spilled_.clear();
    return;
  }
  high_water_ = std::max(high_water_, spill_.highest().value_or(0));
}

outbox::Outbox::Glance EventStore::begin(const project::Identity& identity,
                                         std::span<const std::string> event_ids, Warnings& warnings) {
  open_queue(warnings);
  const bool linkable = identity.linkable && identity.uuid.has_value();
  outbox::Outbox::Glance glance;
  if (!trouble_) {
    auto looked = queue_->glance(linkable ? identity.uuid : std::nullopt, identity.repo_instance, event_ids);
    if (looked) {
      glance = *std::move(looked);
    } else {
      give_up_queue(std::move(looked).error(), warnings);
    }
  }
  high_water_ = glance.high_water;
  look_at_spill();
  if (trouble_ && linkable) {
    warnings.add("destination-unknown",
                 "the queue cannot be read, so this event has no destination and stays on this machine until "
                 "it is released",
                 "pawprint sync link --release");
  }
  // A copy carries the project's uuid, but nobody has linked it.
  if (glance.linked_elsewhere) {
    warnings.add("copy-not-linked",
                 "this copy of the project is not linked, as another one is; its events stay on this machine",
                 "pawprint sync link");
  }
  return glance;
}

// For this emission. A queue that is not merely busy is opened anew for the next one.
void EventStore::give_up_queue(Error why, Warnings& warnings) {
  warnings.add("queue-unavailable",
               fmt::format("{}; events go to the overflow until the queue can be used", why.message),
               why.hint);
  if (queue_) queue_->report_to(warnings);
  if (why.kind != ErrorKind::busy) queue_.reset();
  trouble_ = std::move(why);
}

Result<std::uint64_t> EventStore::tick(std::uint64_t count, Warnings& warnings) {
  auto first = clock_.tick(count, high_water_, warnings);
  if (!first) return not_stored(std::move(first).error(), trouble_);
  return first;
}

Result<void> EventStore::observe(std::uint64_t lamport_clock, Warnings& warnings) {
  return clock_.receive(lamport_clock, high_water_, warnings);
}

void EventStore::refill(Warnings& warnings) {
  const auto refilled = queue_->refill_some(queue_limit_);
  if (!refilled) return;  // later, or by a delivery; whether the queue works is seen when it is written to
  outbox::report(*refilled, home_, warnings);
}

bool EventStore::still_in_spill(std::int64_t link_id) {
  const auto last = last_spilled_.find(link_id);
  if (last == last_spilled_.end()) return false;
  const auto files = spill_.files();
  const auto known = queue_->known_ids(std::span(&last->second, 1));
  if (!known || !files || (known->empty() && !files->empty())) return true;
  last_spilled_.erase(last);
  return false;
}

bool EventStore::append_to_queue(std::span<const outbox::NewRow> rows,
                                 const std::optional<outbox::Link>& link, Durability durability,
                                 Warnings& warnings) {
  if (trouble_) return false;
  if (spilled_) {
    refill(warnings);
    if (still_in_spill(link ? link->link_id : kUnlinked)) return false;
  }
  auto appended = queue_->append(rows, durability, queue_limit_);
  if (!appended) {
    give_up_queue(std::move(appended).error(), warnings);
    return false;
  }
  if (*appended == outbox::Appended::stored) return true;
  warnings.add("queue-full",
               fmt::format("{} events wait already {}; further ones go to the overflow", queue_limit_,
                           link ? fmt::format("for {} at {}", link->team_slug, link->server_origin)
                                : std::string("without a link")),
               link ? "pawprint sync now" : "pawprint sync link");
  return false;
}

Result<Where> EventStore::append(std::span<const outbox::NewRow> rows,
                                 const std::optional<outbox::Link>& link, Durability durability,
                                 Warnings& warnings) {
  const bool queued = append_to_queue(rows, link, durability, warnings);
  if (queue_) queue_->report_to(warnings);  // an emission may have found it damaged, and mended it
  if (queued) return Where::queue;
  std::optional<outbox::LinkMark> mark;
  if (link) mark = outbox::LinkMark{link->link_id, link->linked_at_ms};
  auto spilled = spill_.append(rows, mark, durability);
  if (!spilled) return not_stored(std::move(spilled).error(), trouble_);
  last_spilled_[link ? link->link_id : kUnlinked] = rows.back().event_id;
  return Where::spill;
}

}  // namespace pawprint::client
