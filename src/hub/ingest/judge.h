// The check of one event: what it is before the store is asked whether it is known.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/ingest/content_hasher.h"
#include "hub/store/log.h"
#include "protocol/batch.h"
#include "protocol/event_reader.h"

namespace pawprint::hub::ingest {

struct Judged {
  // With status error if the checks refuse it. That stands only if the store does not know the event: what
  // was stored once stays stored, whatever the clock, the rules and the team's name are now.
  protocol::Verdict verdict;
  // What to ask the store for: to append or, if it is refused, whether it is known. nullopt: it cannot be
  // known.
  std::optional<store::NewEvent> event;
};

// The error that an event is answered with, with its id as it was sent.
protocol::Verdict refused(std::string_view slice, std::string_view category, std::string message);

// Judges events of one caller, one after the other. For one thread at a time.
class Judge {
 public:
  // `team_slug` is the team of the token and outlives the judge; `ceiling` is the highest Lamport value
  // allowed now; `batch` is what the events are slices of.
  Judge(std::string_view team_slug, std::uint64_t ceiling, std::shared_ptr<const std::string> batch)
      : team_slug_(team_slug), ceiling_(ceiling), batch_(std::move(batch)) {}

  Judged judge(std::string_view slice);  // the bytes of one event

 private:
  struct Refusal {
    std::string_view category;
    std::string message;
  };
  std::expected<store::NewEvent, Refusal> check(std::string_view slice);
  std::optional<Refusal> check_team(const protocol::Envelope& envelope) const;
  std::optional<Refusal> check_clock(const protocol::Envelope& envelope) const;
  static Refusal refusal_of(const Error& error);
  store::KnownMeaning keep(std::optional<store::EventMeaning> meaning);

  std::string_view team_slug_;
  std::uint64_t ceiling_;
  std::shared_ptr<const std::string> batch_;
  std::shared_ptr<std::vector<std::optional<store::EventMeaning>>>
      meanings_;  // the last ones, none ever moves
  protocol::EventReader reader_{protocol::EventReader::Canonical::wanted};
  ContentHasher hasher_;
};

}  // namespace pawprint::hub::ingest
