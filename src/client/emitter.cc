#include "pawprint/emitter.h"

#include <algorithm>
#include <forward_list>
#include <mutex>
#include <optional>

#include "base/fork.h"
#include "base/ulid.h"
#include "client/compose.h"
#include "client/event_store.h"
#include "client/make_emitter.h"
#include "client/own_types.h"
#include "client/stamp.h"
#include "protocol/ids.h"

namespace pawprint {

class Emitter::Implementation {
 public:
  explicit Implementation(const Environment& environment)
      : environment_(environment),
        stamper_(environment_),
        own_types_(environment_),
        ulids_(std::in_place, *environment_.clock, *environment_.random) {}

  Result<std::vector<Receipt>> emit_all(std::span<const Event> events, std::optional<Durability> durability);
  Result<void> observe(std::uint64_t lamport_clock);
  std::vector<Warning> warnings() const {
    const std::lock_guard guard(mutex_);
    return warnings_.all();
  }

 private:
  struct Draft {
    protocol::Envelope envelope;
    std::string repo_instance;
    Receipt receipt;
  };
  Result<std::vector<Draft>> draft(std::span<const Event> events, const client::Stamp& stamp,
                                   const outbox::Outbox::Glance& glance);
  Result<std::vector<outbox::NewRow>> rows_of(std::vector<Draft>& drafts,
                                              const outbox::Outbox::Glance& glance);
  client::EventStore& store(const client::Stamp& stamp);

  const Environment environment_;
  client::Stamper stamper_;
  client::OwnTypes own_types_;
  std::optional<UlidGenerator> ulids_;
  mutable std::mutex mutex_;
  ForkGuard forks_{mutex_};
  Warnings warnings_;
  std::optional<client::EventStore> store_;
};

namespace {

// As queue, overflow and hubs write it; check_event has seen that it is one.
std::string derived_id(const Event& event) {
  return protocol::normalised_event_id(*event.event_id).value_or(*event.event_id);
}

}  // namespace

client::EventStore& Emitter::Implementation::store(const client::Stamp& stamp) {
  if (forks_.in_new_process()) {
    store_.reset();
    ulids_.emplace(*environment_.clock, *environment_.random);  // else parent and child mint the same ids
  }
  if (!store_) store_.emplace(environment_, stamp.home.directory, stamp.node_id, warnings_);
  return *store_;
}

Result<std::vector<Emitter::Implementation::Draft>> Emitter::Implementation::draft(
    std::span<const Event> events, const client::Stamp& stamp, const outbox::Outbox::Glance& glance) {
  const std::string timestamp = rfc3339_utc(environment_.clock->unix_ms());
  const std::string correlation_id = ulids_->next();
  const outbox::Link* link = glance.link ? &*glance.link : nullptr;
  std::vector<Draft> drafts;
  for (const Event& event : events) {
    Draft draft;
    draft.receipt.event_id = event.event_id ? derived_id(event) : ulids_->next();
    draft.receipt.already_known =
        event.event_id &&
        std::ranges::find(glance.known_ids, draft.receipt.event_id) != glance.known_ids.end();
    draft.envelope = client::compose(event, stamp, link, draft.receipt.event_id, timestamp);
    draft.envelope.correlation_id = correlation_id;
    draft.repo_instance = stamp.identity.repo_instance;
    PAW_TRY(checked, client::check_size(draft.envelope));
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

Result<std::vector<outbox::NewRow>> Emitter::Implementation::rows_of(std::vector<Draft>& drafts,
                                                                     const outbox::Outbox::Glance& glance) {
  std::vector<outbox::NewRow> rows;
  const auto fresh =
      std::ranges::count_if(drafts, [](const Draft& draft) { return !draft.receipt.already_known; });
  if (fresh == 0) return rows;
  PAW_TRY(lamport_clock, store_->tick(static_cast<std::uint64_t>(fresh), warnings_));
  const auto link_id = glance.link ? std::optional(glance.link->link_id) : std::nullopt;
  for (Draft& draft : drafts) {
    if (draft.receipt.already_known) continue;
    draft.envelope.lamport_clock = lamport_clock;
    draft.receipt.lamport_clock = lamport_clock++;
    rows.push_back({draft.receipt.event_id, draft.receipt.lamport_clock, link_id, draft.envelope.project_uuid,
                    protocol::write_envelope(draft.envelope), draft.repo_instance});
  }
  return rows;
}

Result<std::vector<Receipt>> Emitter::Implementation::emit_all(std::span<const Event> events,
                                                               std::optional<Durability> durability) {
  const std::lock_guard guard(mutex_);
  if (events.empty()) return std::vector<Receipt>{};
  std::vector<std::string> derived_ids;  // one that is minted now is new
  for (const Event& event : events) {
    PAW_TRY(checked, client::check_event(event));
    PAW_TRY(places, stamper_.places());
    PAW_TRY(fits, own_types_.check(event, places->root, warnings_));
    if (event.event_id) derived_ids.push_back(derived_id(event));
  }
  PAW_TRY(stamp, stamper_.take(warnings_));
  std::vector<Draft> drafts;
  const auto make = [&](const outbox::Outbox::Glance& glance) -> Result<std::vector<outbox::NewRow>> {
    PAW_TRY(drafted, draft(events, *stamp, glance));
    drafts = std::move(drafted);
    return rows_of(drafts, glance);
  };
  PAW_TRY(stored, store(*stamp).store(stamp->identity, derived_ids, make, durability, warnings_));
  std::vector<Receipt> receipts;
  for (Draft& draft : drafts) {
    draft.receipt.where = stored.where;
    if (!draft.receipt.already_known) draft.receipt.durable_to = stored.durable_to;
    receipts.push_back(std::move(draft.receipt));
  }
  return receipts;
}

Result<void> Emitter::Implementation::observe(std::uint64_t lamport_clock) {
  const std::lock_guard guard(mutex_);
  PAW_TRY(stamp, stamper_.take(warnings_));
  return store(*stamp).observe(lamport_clock, warnings_);
}

Emitter::Emitter(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Emitter::Emitter(Emitter&&) noexcept = default;
Emitter& Emitter::operator=(Emitter&&) noexcept = default;
Emitter::~Emitter() = default;

Result<Receipt> Emitter::emit(const Event& event, std::optional<Durability> durability) {
  PAW_TRY(receipts, implementation_->emit_all(std::span(&event, 1), durability));
  return std::move(receipts.front());
}

Result<std::vector<Receipt>> Emitter::emit_all(std::span<const Event> events,
                                               std::optional<Durability> durability) {
  return implementation_->emit_all(events, durability);
}

Result<void> Emitter::observe(std::uint64_t lamport_clock) {
  return implementation_->observe(lamport_clock);
}

std::vector<Warning> Emitter::warnings() const {
  return implementation_->warnings();
}

namespace client {

Emitter make_emitter(const Environment& environment) {
  return Emitter(std::make_unique<Emitter::Implementation>(environment));
}

Emitter& make_lasting_emitter(const Environment& environment) {
  static std::forward_list<Emitter>& kept = *new std::forward_list<Emitter>();
  return kept.emplace_front(make_emitter(environment));
}

}  // namespace client

Emitter& emitter() {
  static Emitter& instance = *new Emitter(client::make_emitter(process_environment()));
  return instance;
}

}  // namespace pawprint
