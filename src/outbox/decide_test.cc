#include <array>

#include "outbox/home_for_test.h"

namespace pawprint::outbox {
namespace {

constexpr std::array kWaiting{RowState::intent, RowState::pending, RowState::parked};
constexpr std::array kParked{RowState::parked};

class DecideTest : public HomeTest {
 protected:
  void SetUp() override {
    HomeTest::SetUp();
    outbox_.emplace(open());
    link_ = outbox_->link(destination(), false).value().link;
    std::vector<NewRow> rows;
    for (std::uint64_t lamport = 1; lamport <= 4; ++lamport) rows.push_back(row(lamport, link_.link_id));
    rows.push_back(row(5));
    ASSERT_TRUE(outbox_->append(rows, Durability::process));
    park(id_of(1), "schema_mismatch: payload.wp_id: missing");
    park(id_of(2), "too_large: no");
  }
  static std::string id_of(std::uint64_t lamport) { return row(lamport).event_id; }
  void park(const std::string& event_id, std::string reason) {
    const std::array one{Settlement{outbox_->row(event_id).value()->id, RowState::parked, std::move(reason)}};
    ASSERT_TRUE(outbox_->settle(one));
  }
  RowState state_of(std::uint64_t lamport) { return outbox_->row(id_of(lamport)).value()->state; }
  std::size_t parked_count() { return outbox_->snapshot({}).value().parked.size(); }

  std::optional<Outbox> outbox_;
  Link link_;
};

TEST_F(DecideTest, ARowShowsAllThatIsKnownOfIt) {
  const auto shown = outbox_->row(id_of(1)).value();
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->state, RowState::parked);
  EXPECT_EQ(shown->reason, "schema_mismatch: payload.wp_id: missing");
  EXPECT_EQ(shown->attempts, 1U);
  EXPECT_EQ(shown->lamport, 1U);
  EXPECT_EQ(shown->queued_at_ms, kNow);
  EXPECT_EQ(shown->data, "{\"n\":1}");
  ASSERT_TRUE(shown->destination);
  EXPECT_EQ(shown->destination->team_slug, "acme");
  EXPECT_FALSE(outbox_->row(id_of(5)).value()->destination);
  EXPECT_FALSE(outbox_->row("01HX9999999999999999999999").value());
}

TEST_F(DecideTest, RowsComeInPagesByState) {
  const auto first = outbox_->rows(kWaiting, 0, 3).value();
  ASSERT_EQ(first.size(), 3U);
  const auto second = outbox_->rows(kWaiting, first.back().id, 3).value();
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second.back().event_id, id_of(5));
  const auto parked = outbox_->rows(kParked, 0, 10).value();
  ASSERT_EQ(parked.size(), 2U);
  EXPECT_EQ(parked[1].event_id, id_of(2));
}

TEST_F(DecideTest, RowsAreCountedByDestinationAndByProject) {
  ASSERT_TRUE(outbox_->link(destination("/repo/.git", "team-2"), false));
  const auto destinations = outbox_->destinations().value();
  ASSERT_EQ(destinations.size(), 2U);
  EXPECT_EQ(destinations[0].destination.origin, destination().server_origin);
  EXPECT_EQ(destinations[0].pending, 2U);
  EXPECT_EQ(destinations[0].parked, 2U);
  EXPECT_EQ(destinations[1].pending + destinations[1].parked, 0U);
  const auto projects = outbox_->projects().value();
  ASSERT_EQ(projects.size(), 1U);
  EXPECT_EQ(projects[0].project_uuid, destination().project_uuid);
  EXPECT_EQ(projects[0].pending, 2U);
  EXPECT_EQ(projects[0].unlinked, 1U);
  EXPECT_EQ(projects[0].parked, 2U);
}

TEST_F(DecideTest, ARetriedRowIsSentAgainAndKeepsItsDestination) {
  ASSERT_TRUE(outbox_->retry(id_of(1)));
  EXPECT_EQ(state_of(1), RowState::pending);
  EXPECT_EQ(state_of(2), RowState::parked);
  EXPECT_EQ(parked_count(), 1U);
  const auto sendable = outbox_->sendable(link_, 10, 1 << 20).value();
  ASSERT_EQ(sendable.size(), 3U);
  EXPECT_EQ(sendable.front().event_id, id_of(1));
}

TEST_F(DecideTest, AllParkedRowsAreRetriedHoweverManyTheyAre) {
  std::vector<NewRow> rows;
  for (std::uint64_t lamport = 1001; lamport <= 1600; ++lamport) rows.push_back(row(lamport, link_.link_id));
  ASSERT_TRUE(outbox_->append(rows, Durability::process));
  std::vector<Settlement> refused;
  const std::array pending{RowState::pending};
  const auto waiting = outbox_->rows(pending, 5, 1000).value();
  for (const QueuedRow& each : waiting) {
    refused.push_back({each.id, RowState::parked, "malformed: no"});
  }
  ASSERT_EQ(refused.size(), 600U);
  ASSERT_TRUE(outbox_->settle(refused));
  EXPECT_EQ(outbox_->retry_all().value(), 602U);
  EXPECT_EQ(parked_count(), 0U);
  EXPECT_EQ(outbox_->snapshot({}).value().pending, 604U);
  EXPECT_EQ(outbox_->retry_all().value(), 0U);
}

TEST_F(DecideTest, ADiscardedRowIsNeverSentAndStaysVisible) {
  ASSERT_TRUE(outbox_->discard(id_of(2)));
  EXPECT_EQ(state_of(2), RowState::discarded);
  EXPECT_EQ(parked_count(), 1U);
  EXPECT_EQ(outbox_->sendable(link_, 10, 1 << 20).value().size(), 2U);
  const auto again = outbox_->retry(id_of(2));
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("it is discarded, not parked"), std::string::npos);
}

TEST_F(DecideTest, WhatADeliveryMayHaveUnderWayIsNotDecidedOn) {
  for (const auto& refused : {outbox_->retry(id_of(3)), outbox_->discard(id_of(3))}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::failed);
  }
  EXPECT_EQ(outbox_->retry(id_of(3)).error().hint, "pawprint sync list --state parked");
  EXPECT_EQ(outbox_->discard(id_of(3)).error().hint, "pawprint sync show " + id_of(3));
  EXPECT_EQ(state_of(3), RowState::pending);
  EXPECT_EQ(outbox_->discard("01HX9999999999999999999999").error().hint, "pawprint sync list");
}

TEST_F(DecideTest, WhatHasNoDestinationCanBeGivenUp) {
  ASSERT_TRUE(outbox_->discard(id_of(5)));
  EXPECT_EQ(state_of(5), RowState::discarded);
  EXPECT_EQ(outbox_->row(id_of(5)).value()->attempts, 0U);
  EXPECT_EQ(outbox_->snapshot({}).value().unlinked, 0U);
  EXPECT_EQ(outbox_->link(destination(), true).value().released, 0U);
}

TEST_F(DecideTest, WhatIsForALinkThatWasEndedCanBeGivenUp) {
  ASSERT_TRUE(outbox_->unlink(link_.project_uuid, link_.repo_instance));
  EXPECT_TRUE(outbox_->row(id_of(3)).value()->link_ended);
  ASSERT_TRUE(outbox_->discard(id_of(3)));
  EXPECT_EQ(outbox_->snapshot({}).value().ended, 1U);
  ASSERT_TRUE(outbox_->link(destination(), false));
  EXPECT_FALSE(outbox_->discard(id_of(4)));
  EXPECT_EQ(outbox_->sendable(link_, 10, 1 << 20).value().size(), 1U);
}

TEST_F(DecideTest, AnEventThatWasGivenUpAndIsAnnouncedAgainIsQueuedAgain) {
  ASSERT_TRUE(outbox_->discard(id_of(2)));
  NewRow again = row(2);
  again.lamport = 90;
  again.data = R"({"n":90})";
  ASSERT_EQ(outbox_->append(std::span(&again, 1), Durability::process).value(), Appended::stored);
  const auto queued = outbox_->row(again.event_id).value();
  ASSERT_TRUE(queued);
  EXPECT_EQ(queued->state, RowState::pending);
  EXPECT_EQ(queued->lamport, 90U);
  EXPECT_EQ(queued->attempts, 0U);
  EXPECT_EQ(queued->data, again.data);
  EXPECT_FALSE(outbox_->append(std::span(&again, 1), Durability::process));
}

}  // namespace
}  // namespace pawprint::outbox
