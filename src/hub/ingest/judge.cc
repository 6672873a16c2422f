#include "hub/ingest/judge.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/printable.h"
#include "base/sabotage.h"
#include "hub/ingest/scan.h"
#include "protocol/canonical.h"
#include "protocol/check_event.h"
#include "protocol/envelope.h"
#include "protocol/ids.h"
#include "protocol/limits.h"

namespace pawprint::hub::ingest {
namespace {

// One allocation for so many; each keeps all of them.
constexpr std::size_t kMeaningsTogether = 16;

// An older client chooses its advice by the words of the message alone (docs/compat.md), and would have its
// user sign in again, or wait, for a message that has none of these in it and by chance one of other rows.
std::string for_every_client(std::string message) {
  constexpr std::array<std::string_view, 5> kWords{"invalid", "schema", "field", "missing", "type"};
  const bool understood = std::ranges::any_of(kWords, [&](auto word) { return message.contains(word); });
  return understood ? message : std::move(message) + " (invalid event)";
}

// Of an event that the checks refuse: how the store would know it. Only what has an id and one reading can
// have been stored, and nothing above the limit ever was.
std::optional<store::NewEvent> known_as(std::string_view slice, const std::optional<std::string>& sent_id) {
  if (!sent_id || slice.size() > protocol::max_bytes_per_event) return std::nullopt;
  auto event_id = protocol::normalised_event_id(*sent_id);
  if (!event_id) return std::nullopt;
  const auto hash = protocol::content_hash(slice);
  if (!hash) return std::nullopt;
  store::NewEvent event;
  event.event_id = std::move(*event_id);
  event.body_hash = *hash;
  event.only_if_known = true;
  return event;
}

}  // namespace

Judge::Refusal Judge::refusal_of(const Error& error) {
  return {error.path.empty() ? "malformed" : "schema_mismatch", error.message};
}

std::optional<Judge::Refusal> Judge::check_team(const protocol::Envelope& envelope) const {
  const std::string& named = envelope.team_slug;
  if (named.empty() || named == "local" || named == team_slug_ || sabotaged("team-from-body"))
    return std::nullopt;
  return Refusal{"cross_tenant",
                 fmt::format("team_slug: the event is for team \"{}\", the token for team \"{}\"",
                             printable(named), team_slug_)};
}

std::optional<Judge::Refusal> Judge::check_clock(const protocol::Envelope& envelope) const {
  if (envelope.lamport_clock <= ceiling_) return std::nullopt;
  return Refusal{"clock_out_of_range",
                 fmt::format("lamport_clock: {} is above {}, the highest that this hub takes at this time",
                             envelope.lamport_clock, ceiling_)};
}

std::expected<store::NewEvent, Judge::Refusal> Judge::check(std::string_view slice) {
  if (slice.size() > protocol::max_bytes_per_event) {
    return std::unexpected(Refusal{"too_large", fmt::format("the event has {} bytes, {} are the most",
                                                            slice.size(), protocol::max_bytes_per_event)});
  }
  auto read = reader_.read(slice);
  if (!read) return std::unexpected(refusal_of(read.error()));
  protocol::Envelope& envelope = read->envelope;
  if (auto refusal = check_team(envelope)) return std::unexpected(std::move(*refusal));
  if (const auto fits = protocol::check_event(*read); !fits) {
    return std::unexpected(refusal_of(fits.error()));
  }
  if (auto refusal = check_clock(envelope)) return std::unexpected(std::move(*refusal));
  store::NewEvent event;
  event.meaning = keep(store::meaning_of(*read, envelope.project_uuid));
  event.event_id = std::move(envelope.event_id);
  event.body_hash = hasher_.hash(read->canonical);
  event.project_uuid = std::move(envelope.project_uuid);
  event.event_type = std::move(envelope.event_type);
  event.lamport = envelope.lamport_clock;
  event.node_id = std::move(envelope.node_id);
  event.body = store::SharedText(batch_, slice);
  return event;
}

store::KnownMeaning Judge::keep(std::optional<store::EventMeaning> meaning) {
  if (meanings_ == nullptr || meanings_->size() == kMeaningsTogether) {
    meanings_ = std::make_shared<std::vector<std::optional<store::EventMeaning>>>();
    meanings_->reserve(kMeaningsTogether);
  }
  return {meanings_, &meanings_->emplace_back(std::move(meaning))};
}

protocol::Verdict refused(std::string_view slice, std::string_view category, std::string message) {
  protocol::Verdict verdict{find_event_id(slice), protocol::VerdictStatus::error, std::move(message),
                            std::string(category)};
  if (!verdict.event_id) verdict.odd_event_id = find_odd_event_id(slice);
  return verdict;
}

Judged Judge::judge(std::string_view slice) {
  Judged judged;
  auto checked = check(slice);
  if (checked) {
    judged.verdict.event_id = find_event_id(slice);
    judged.event = std::move(*checked);
    return judged;
  }
  judged.verdict =
      refused(slice, checked.error().category, for_every_client(std::move(checked.error().message)));
  judged.event = known_as(slice, judged.verdict.event_id);
  return judged;
}

}  // namespace pawprint::hub::ingest
