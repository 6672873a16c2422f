#include "client/event_store.h"

#include <algorithm>

#include "base/counted.h"
#include "base/format.h"

namespace pawprint::client {
namespace {

constexpr std::int64_t kUnlinked = 0;

// What the queue leaves of the waiting: whoever does not get it has to come by a value of the clock and by
// the spill, when others may be about to do the same. Those are held for microseconds, and free most of the
// time.
constexpr std::chrono::milliseconds kKeptForSpill{100};

// nullopt: it could not be asked.
outbox::KnownHighWater known_of(std::optional<std::uint64_t> queued, std::optional<std::uint64_t> spilled) {
  return {std::max(queued.value_or(0), spilled.value_or(0)), queued && spilled};
}

std::unexpected<Error> not_stored(Error cause, const std::optional<Error>& queue) {
  cause.kind = ErrorKind::not_stored;
  cause.message = "the event was not stored: " + cause.message;
  if (queue) cause.message += fmt::format(" (and the queue: {})", queue->message);
  if (cause.hint.empty()) cause.hint = "pawprint doctor";
  return std::unexpected(std::move(cause));
}

}  // namespace

EventStore::EventStore(const Environment& environment, const Path& home, std::string node_id,
                       Warnings& warnings)
    : environment_(environment),
      home_(home),
      settings_(settings::load_settings_or_defaults(*environment.disk, home, warnings)),
      clock_(environment, home, std::move(node_id), LockWait(waits_)),
      spill_(environment, home, LockWait(waits_)) {}

void EventStore::begin(Warnings& warnings) {
  waits_.left = kLockWait;
  trouble_.reset();
  clock_trouble_.reset();
  if (queue_) return;
  auto opened = outbox::Outbox::open(environment_, home_, LockWait(waits_, kKeptForSpill));
  if (opened) {
    queue_.emplace(*std::move(opened));
    queue_->report_to(warnings);
  } else {
    give_up_queue(std::move(opened).error(), warnings);
  }
}

void EventStore::look_at_spill() {
  const auto files = spill_.files();
  spilled_ = !files || !files->empty();
  spill_high_water_ = 0;
  if (spilled_) {
    const auto highest = spill_.highest();
    spill_high_water_ = highest ? std::optional(*highest) : std::nullopt;
  }
  if (!spilled_) last_spilled_.clear();
}

// For this emission. A queue that is not merely busy is opened anew for the next one.
void EventStore::give_up_queue(Error why, Warnings& warnings) {
  if (queue_) queue_->report_to(warnings);
  if (why.kind != ErrorKind::busy) queue_.reset();
  trouble_ = std::move(why);
}

// Outside the transaction of an append: a queue that others are busy with can be read.
outbox::Outbox::Glance EventStore::glance(Emission& emission) {
  if (queue_) {
    auto looked = queue_->glance(emission.question);
    if (looked) return *std::move(looked);
    give_up_queue(std::move(looked).error(), emission.warnings);
  }
  emission.destination_unknown = emission.question.project_uuid.has_value();
  return {};
}

Result<std::span<const outbox::NewRow>> EventStore::make_rows(Emission& emission,
                                                              outbox::Outbox::Glance glance) {
  if (emission.rows) {  // the queue was mended in between, without home.lock
    if (!clock_trouble_) return *emission.rows;
    emission.refused = not_stored(*clock_trouble_, std::nullopt).error();  // others may have taken that value
    return std::unexpected(*emission.refused);
  }
  // A copy carries the project's uuid, but nobody has linked it.
  if (glance.linked_elsewhere) {
    emission.warnings.add("copy-not-linked",
                          "this copy of the project is not linked, as another one is; its events stay on "
                          "this machine",
                          "pawprint sync link");
  }
  high_water_ = known_of(glance.high_water, spill_high_water_);
  auto rows = emission.make(glance);
  if (!rows) {
    emission.refused = rows.error();
    return std::unexpected(std::move(rows).error());
  }
  emission.link = std::move(glance.link);
  emission.rows = *std::move(rows);
  return *emission.rows;
}

Result<std::uint64_t> EventStore::tick(std::uint64_t count, Warnings& warnings) {
  auto first = clock_.tick(count, high_water_, warnings);
  if (first) return first;
  // Under home.lock nobody else takes a value, and the queue remembers this one. In the spill nothing would.
  if (trouble_ || !high_water_.is_all || first.error().kind != ErrorKind::io)
    return not_stored(std::move(first).error(), trouble_);
  clock_trouble_ = std::move(first).error();
  return high_water_.value + 1;
}

Result<void> EventStore::observe(std::uint64_t lamport_clock, Warnings& warnings) {
  begin(warnings);
  look_at_spill();
  std::optional<std::uint64_t> queued;
  if (!trouble_) {
    auto asked = queue_->high_water();
    if (asked) queued = *asked;
    if (!asked) give_up_queue(std::move(asked).error(), warnings);
  }
  return clock_.receive(lamport_clock, known_of(queued, spill_high_water_), warnings);
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

// Whether nothing in the spill has to go before the rows.
bool EventStore::refilled(Emission& emission) {
  if (!spilled_) return true;
  // If it fails: later, or by a delivery; whether the queue works is seen when it is written to.
  if (const auto done = queue_->refill_some(settings_.queue_limit))
    outbox::report(*done, home_, emission.warnings);
  const auto glance = this->glance(emission);
  return !trouble_ && !still_in_spill(glance.link ? glance.link->link_id : kUnlinked);
}

bool EventStore::append_to_queue(Emission& emission) {
  if (trouble_ || !refilled(emission)) return false;
  const auto make = [&](const outbox::Outbox::Glance& glance) { return make_rows(emission, glance); };
  auto appended = queue_->append(emission.question, make, emission.durability, settings_.queue_limit);
  if (emission.refused) return false;
  if (!appended) {
    give_up_queue(std::move(appended).error(), emission.warnings);
    return false;
  }
  if (*appended == outbox::Appended::stored) {
    tell_of_clock_trouble(emission.warnings);
    return true;
  }
  const auto& link = emission.link;
  emission.warnings.add("queue-full",
                        fmt::format("the queue is full, with {} {}; further ones go to the overflow",
                                    counted(settings_.queue_limit, "event"),
                                    link ? fmt::format("for {} at {}", link->team_slug, link->server_origin)
                                         : std::string("without a link")),
                        link ? "pawprint sync now" : "pawprint sync link");
  return false;
}

void EventStore::tell_of_clock_trouble(Warnings& warnings) const {
  if (!clock_trouble_) return;
  warnings.add("clock-unavailable",
               fmt::format("{}; until it can be used, the clock goes on from {}, which the queue remembers",
                           clock_trouble_->message, high_water_.value),
               "pawprint doctor");
}

// Of what is in the overflow: where nothing takes an event, the error tells all of it.
void EventStore::tell_of_trouble(const Emission& emission) const {
  if (!trouble_) return;
  const std::string_view bound = emission.destination_unknown
                                     ? ", without a destination, as links cannot be read: they stay on this "
                                       "machine until they are released"
                                     : "";
  emission.warnings.add(
      "queue-unavailable",
      fmt::format("{}; events go to the overflow until the queue can be used{}", trouble_->message, bound),
      trouble_->hint.empty() ? "pawprint doctor" : trouble_->hint);
}

Result<void> EventStore::append_to_spill(Emission& emission) {
  if (clock_trouble_) return not_stored(*std::move(clock_trouble_), trouble_);  // others may take that value
  std::optional<outbox::LinkMark> mark;
  if (emission.link) mark = outbox::LinkMark{emission.link->link_id, emission.link->linked_at_ms};
  auto spilled = spill_.append(*emission.rows, mark, emission.durability);
  if (!spilled) return not_stored(std::move(spilled).error(), trouble_);
  last_spilled_[mark ? mark->link_id : kUnlinked] = emission.rows->back().event_id;
  tell_of_trouble(emission);
  return {};
}

Result<Stored> EventStore::store(const project::Identity& identity, std::span<const std::string> event_ids,
                                 const Make& make, std::optional<Durability> durability, Warnings& warnings) {
  begin(warnings);
  look_at_spill();
  const auto uuid = identity.linkable ? identity.uuid : std::nullopt;
  Emission emission{
      {uuid, identity.repo_instance, event_ids}, make, durability.value_or(settings_.durability), warnings};
  const bool queued = append_to_queue(emission);
  if (!emission.rows && !emission.refused) {
    const auto made = make_rows(emission, glance(emission));
    if (!made && !emission.refused) return std::unexpected(made.error());
  }
  if (queue_) queue_->report_to(warnings);  // an emission may have found it damaged, and mended it
  if (emission.refused) return std::unexpected(*std::move(emission.refused));
  if (queued || emission.rows->empty()) return Stored{Where::queue, emission.durability};
  PAW_TRY(spilled, append_to_spill(emission));
  return Stored{Where::spill, emission.durability};
}

}  // namespace pawprint::client
