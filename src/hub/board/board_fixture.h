// For tests of the board: a team whose log is written by hand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "hub/board/board.h"
#include "hub/store/store_fixture.h"
#include "protocol/canonical.h"
#include "protocol/envelope.h"

namespace pawprint::hub::board {

inline constexpr std::string_view kProject = "550e8400-e29b-41d4-a716-446655440000";
inline constexpr std::string_view kFeature = "032-sync";

// A ULID that the story calls by a number.
inline std::string event_id(std::uint64_t number) {
  return fmt::format("01KGJX5B3V9M3S4T5V6W7{:05}", number);
}

struct Said {
  std::uint64_t number = 0;  // its event_id
  std::string event_type = {};
  std::string payload = {};
  std::uint64_t lamport = 1;
  std::string node = "a1b2c3d4e5f6";
  std::optional<std::uint64_t> after = {};  // the number of its cause
  std::string schema_version = "2.0";
  std::optional<std::string> project_uuid = std::string(kProject);
};

inline std::string payload_of_move(std::string_view wp_id, std::string_view from, std::string_view to,
                                   std::string_view more = "") {
  return fmt::format(
      R"({{"wp_id":"{}","from_lane":"{}","to_lane":"{}","actor":"ada","feature_slug":"{}"{}}})", wp_id, from,
      to, kFeature, more);
}

inline protocol::Envelope envelope_of(const Said& said) {
  protocol::Envelope envelope;
  envelope.event_id = event_id(said.number);
  envelope.event_type = said.event_type;
  envelope.aggregate_id = "WP01";
  envelope.aggregate_type = "WorkPackage";
  envelope.payload = said.payload;
  envelope.node_id = said.node;
  envelope.lamport_clock = said.lamport;
  if (said.after) envelope.causation_id = event_id(*said.after);
  envelope.timestamp = fmt::format("2026-02-03T12:{:02}:00.000Z", said.lamport % 60);
  envelope.team_slug = "acme";
  envelope.project_uuid = said.project_uuid;
  envelope.schema_version = said.schema_version;
  if (said.project_uuid) envelope.project_slug = "demo";
  return envelope;
}

class BoardFixture : public store::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    team_ = make_team("acme").team_id;
  }

  static store::NewEvent logged(std::uint64_t number, std::string body,
                                std::optional<std::string> project_uuid) {
    store::NewEvent event;
    event.event_id = event_id(number);
    event.body_hash = protocol::content_hash(body).value_or(Digest{});
    event.project_uuid = std::move(project_uuid);
    event.event_type = "of the body";
    event.node_id = "of the body";
    event.body = std::move(body);
    return event;
  }

  static store::NewEvent logged(const Said& said) {
    return logged(said.number, protocol::write_envelope(envelope_of(said)), said.project_uuid);
  }

  void append_to(const std::string& team_id, const std::vector<store::NewEvent>& events) {
    const auto outcomes = store_->log().append(team_id, events);
    ASSERT_TRUE(outcomes) << outcomes.error().message;
  }

  void append_body(const std::string& team_id, std::uint64_t number, std::string body,
                   std::optional<std::string> project_uuid) {
    append_to(team_id, {logged(number, std::move(body), std::move(project_uuid))});
  }

  void append(const Said& said) { append_to(team_, {logged(said)}); }

  void append(const std::vector<Said>& all) {
    std::vector<store::NewEvent> events;
    for (const Said& said : all) events.push_back(logged(said));
    append_to(team_, events);
  }

  FeatureView feature_of(Board& board, std::string_view slug = kFeature) {
    auto view = board.feature(team_, kProject, slug);
    EXPECT_TRUE(view) << view.error().message;
    EXPECT_TRUE(view && *view) << "there is no such feature";
    return view && *view ? **view : FeatureView{};
  }

  // "WP01 in done, WP02 in planned"
  std::string lanes_of(Board& board, std::string_view slug = kFeature) {
    std::string text;
    const FeatureView view = feature_of(board, slug);
    for (const protocol::Lane lane : protocol::kLanes) {
      for (const WorkPackageView& card : view.lanes[static_cast<std::size_t>(lane)]) {
        text += fmt::format("{}{} in {}", text.empty() ? "" : ", ", card.wp_id, protocol::name_of(lane));
      }
    }
    return text;
  }

  WorkPackageView only_card(Board& board, std::string_view slug = kFeature) {
    std::vector<WorkPackageView> cards;
    for (auto& lane : feature_of(board, slug).lanes) cards.insert(cards.end(), lane.begin(), lane.end());
    EXPECT_EQ(cards.size(), 1U);
    return cards.empty() ? WorkPackageView{} : cards.front();
  }

  std::string team_;
};

}  // namespace pawprint::hub::board
