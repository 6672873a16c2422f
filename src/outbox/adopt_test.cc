#include <array>

#include "outbox/home_for_test.h"
#include "protocol/envelope.h"

namespace pawprint::outbox {
namespace {

constexpr std::string_view kProject = "11111111-1111-4111-8111-111111111111";

class AdoptTest : public HomeTest {
 protected:
  void SetUp() override {
    HomeTest::SetUp();
    outbox_.emplace(open());
    old_ = outbox_->link(destination(), false).value().link;
  }
  static Link to_beta() {
    Link link = destination("/repo/.git", "team-2");
    link.team_slug = "beta";
    link.server_origin = "https://hub.example";
    return link;
  }
  // A true event, for a team.
  static NewRow event(std::uint64_t lamport, std::int64_t link_id, std::string_view team_slug) {
    NewRow made = row(lamport, link_id);
    protocol::Envelope envelope;
    envelope.event_id = made.event_id;
    envelope.event_type = "Ping";
    envelope.aggregate_id = "A";
    envelope.aggregate_type = "WorkPackage";
    envelope.payload = R"({"text" : "\u00e4 \"team_slug\":\"acme\"", "n":1.50})";
    envelope.node_id = "a1b2c3d4e5f6";
    envelope.lamport_clock = lamport;
    envelope.timestamp = "2026-02-03T12:00:00.000Z";
    envelope.team_slug = team_slug;
    envelope.project_uuid = kProject;
    made.data = protocol::write_envelope(envelope);
    return made;
  }
  void append(std::span<const NewRow> rows) { ASSERT_TRUE(outbox_->append(rows, Durability::process)); }
  void append(std::uint64_t first, std::uint64_t last) {
    std::vector<NewRow> rows;
    for (std::uint64_t lamport = first; lamport <= last; ++lamport)
      rows.push_back(row(lamport, old_.link_id));
    append(rows);
  }
  std::vector<std::uint64_t> adopt_all(const Link& from, const Link& to) {
    std::vector<std::uint64_t> steps;
    do {
      steps.push_back(outbox_->adopt(from, to).value());
    } while (steps.back() > 0);
    return steps;
  }
  QueuedRow shown(std::uint64_t lamport) { return outbox_->row(row(lamport).event_id).value().value(); }
  std::int64_t id_of(std::uint64_t lamport) { return shown(lamport).id; }
  void settle(std::uint64_t lamport, RowState to, std::string reason = {},
              std::optional<std::int64_t> along = std::nullopt) {
    const std::array one{Settlement{id_of(lamport), to, std::move(reason), along}};
    ASSERT_TRUE(outbox_->settle(one));
  }
  std::vector<Outbox::EarlierLinks> earlier() {
    return outbox_->earlier_links(kProject, "/repo/.git", outbox_->overflow().value()).value();
  }
  std::size_t sendable(const Link& link) { return outbox_->sendable(link, 10'000, 1 << 30).value().size(); }
  // The counters are those of the rows: nothing is to be mended.
  void expect_counted() {
    ASSERT_TRUE(outbox_->mend_if_damaged());
    Warnings warnings;
    outbox_->report_to(warnings);
    EXPECT_TRUE(warnings.all().empty()) << warnings.all().front().message;
  }

  std::optional<Outbox> outbox_;
  Link old_;
};

TEST_F(AdoptTest, TheActiveLinkTakesUpWhatWaitsForAnEndedOneInSteps) {
  append(1, 600);
  const Link present = outbox_->link(to_beta(), false).value().link;
  ASSERT_EQ(sendable(present), 0U);

  EXPECT_EQ(adopt_all(old_, present), (std::vector<std::uint64_t>{256, 256, 88, 0}));

  EXPECT_EQ(sendable(present), 600U);
  EXPECT_EQ(outbox_->snapshot({}).value().pending, 600U);
  EXPECT_EQ(outbox_->snapshot({}).value().ended, 0U);
  EXPECT_EQ(earlier().at(0).waiting, 0U);
  expect_counted();
}

// As if the command had been killed between two steps.
TEST_F(AdoptTest, BetweenTwoStepsEachRowIsForOneOfTheTwoAndTheRestFollows) {
  append(1, 300);
  const Link present = outbox_->link(to_beta(), false).value().link;
  ASSERT_EQ(outbox_->adopt(old_, present).value(), 256U);
  EXPECT_EQ(sendable(present), 256U);
  EXPECT_EQ(earlier().at(0).waiting, 44U);
  EXPECT_EQ(shown(1).destination->team_slug, "beta");
  EXPECT_EQ(shown(300).destination->team_slug, "acme");
  expect_counted();
  EXPECT_EQ(adopt_all(old_, present), (std::vector<std::uint64_t>{44, 0}));
  EXPECT_EQ(sendable(present), 300U);
}

TEST_F(AdoptTest, AdoptedRowsCountAgainstTheCapacityOfTheirNewLinkAlone) {
  append(1, 3);
  const Link present = outbox_->link(to_beta(), false).value().link;
  adopt_all(old_, present);
  const std::array more{row(4, present.link_id)};
  EXPECT_EQ(outbox_->append(more, Durability::process, 3).value(), Appended::full);
  EXPECT_EQ(outbox_->append(more, Durability::process, 4).value(), Appended::stored);
  const Link again = outbox_->link(destination(), false).value().link;
  ASSERT_EQ(again.link_id, old_.link_id);
  const std::array first{row(5, old_.link_id)};
  EXPECT_EQ(outbox_->append(first, Durability::process, 1).value(), Appended::stored);
}

TEST_F(AdoptTest, WhatAHubHasWhatWasRefusedAndWhatWasGivenUpStaysWhereItIs) {
  append(1, 4);
  settle(1, RowState::sent);
  settle(2, RowState::parked, "schema_mismatch: no");
  settle(3, RowState::parked, "schema_mismatch: no");
  ASSERT_TRUE(outbox_->discard(row(3).event_id));
  const Link present = outbox_->link(to_beta(), false).value().link;
  EXPECT_EQ(adopt_all(old_, present), (std::vector<std::uint64_t>{1, 0}));
  for (const std::uint64_t lamport : {1, 2, 3}) EXPECT_EQ(shown(lamport).destination->team_slug, "acme");
  EXPECT_EQ(shown(4).destination->team_slug, "beta");
  expect_counted();
}

TEST_F(AdoptTest, OnlyLinksOfTheSameProjectInstanceAreEarlierOnes) {
  append(1, 1);
  Link other_project = destination("/other/.git");
  other_project.project_uuid = "22222222-2222-4222-8222-222222222222";
  for (const Link& each : {destination("/copy/.git"), other_project}) {
    const Link made = outbox_->link(each, false).value().link;
    const std::array rows{row(10 + static_cast<std::uint64_t>(made.link_id), made.link_id)};
    append(rows);
    ASSERT_TRUE(outbox_->unlink(each.project_uuid, each.repo_instance));
    const Link present = outbox_->link(to_beta(), false).value().link;
    const auto refused = outbox_->adopt(made, present);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::failed);
  }
  const auto earlier = this->earlier();
  ASSERT_EQ(earlier.size(), 1U);
  EXPECT_EQ(earlier[0].destination.origin, old_.server_origin);
  EXPECT_EQ(earlier[0].waiting, 1U);
}

TEST_F(AdoptTest, NothingMovesFromALinkThatIsActiveOrToOneThatWasEnded) {
  append(1, 1);
  const Link beta = outbox_->link(to_beta(), false).value().link;
  ASSERT_TRUE(outbox_->unlink(beta.project_uuid, beta.repo_instance));
  EXPECT_FALSE(outbox_->adopt(old_, beta));
  ASSERT_TRUE(outbox_->link(destination(), false));
  EXPECT_FALSE(outbox_->adopt(old_, beta));
  EXPECT_FALSE(outbox_->adopt(old_, old_));
  EXPECT_EQ(sendable(old_), 1U);
}

TEST_F(AdoptTest, AnEventNamesTheTeamThatItGoesToAndStaysAsItIsOtherwise) {
  const NewRow first = event(1, old_.link_id, "acme"), unnamed = event(2, old_.link_id, "local");
  append(std::array{first, unnamed, row(3, old_.link_id)});
  const Link present = outbox_->link(to_beta(), false).value().link;
  adopt_all(old_, present);
  EXPECT_EQ(shown(1).data, event(1, old_.link_id, "beta").data);
  EXPECT_EQ(shown(2).data, unnamed.data);
  EXPECT_EQ(shown(3).data, row(3).data);
}

TEST_F(AdoptTest, ForTheSameTeamAtAnotherAddressEveryByteStays) {
  NewRow odd = event(1, old_.link_id, "acme");
  odd.data.insert(1, "\n  \"unknown\": 1.0e2, ");
  append(std::array{odd});
  Link moved = destination();
  moved.server_origin = "https://hub.example";
  adopt_all(old_, outbox_->link(moved, false).value().link);
  EXPECT_EQ(shown(1).data, odd.data);
}

TEST_F(AdoptTest, WhatWasToBeSentAgainIsNewForItsNewHub) {
  append(1, 2);
  settle(1, RowState::sent);
  ASSERT_FALSE(outbox_->hear_epoch(old_, "one").value());
  ASSERT_TRUE(outbox_->hear_epoch(old_, "two").value());
  ASSERT_EQ(outbox_->snapshot({}).value().again, 1U);
  const Link present = outbox_->link(to_beta(), false).value().link;
  EXPECT_EQ(adopt_all(old_, present), (std::vector<std::uint64_t>{2, 0}));
  EXPECT_EQ(outbox_->snapshot({}).value().again, 0U);
  EXPECT_EQ(shown(1).reason, "");
  const std::array more{row(3, present.link_id)};
  EXPECT_EQ(outbox_->append(more, Durability::process, 2).value(), Appended::full);
}

// A delivery had it under way along the former link, and has its verdict now.
TEST_F(AdoptTest, TheVerdictOfTheFormerHubSettlesNothingForTheNewOne) {
  append(1, 2);
  const Link present = outbox_->link(to_beta(), false).value().link;
  adopt_all(old_, present);
  settle(1, RowState::sent, {}, old_.link_id);
  settle(2, RowState::parked, "malformed: no", old_.link_id);
  EXPECT_EQ(sendable(present), 2U);
  EXPECT_FALSE(outbox_->snapshot({}).value().last_delivery_ms);
  expect_counted();
  settle(1, RowState::sent, {}, present.link_id);
  EXPECT_EQ(shown(1).state, RowState::sent);
}

TEST_F(AdoptTest, WhatWasSettledBeforeIsNotAdopted) {
  append(1, 2);
  const Link present = outbox_->link(to_beta(), false).value().link;
  settle(1, RowState::sent, {}, old_.link_id);
  EXPECT_EQ(adopt_all(old_, present), (std::vector<std::uint64_t>{1, 0}));
  EXPECT_EQ(shown(1).state, RowState::sent);
  EXPECT_EQ(shown(1).destination->team_slug, "acme");
}

TEST_F(AdoptTest, LinksOfSeveralUsersToOneTeamAreOneSource) {
  append(1, 1);
  Link another = destination();
  another.user_id = "user-2";
  const Link second = outbox_->link(another, false).value().link;
  append(std::array{row(2, second.link_id)});
  ASSERT_TRUE(outbox_->link(to_beta(), false));
  const auto earlier = this->earlier();
  ASSERT_EQ(earlier.size(), 1U);
  EXPECT_EQ(earlier[0].links.size(), 2U);
  EXPECT_EQ(earlier[0].waiting, 2U);
}

}  // namespace
}  // namespace pawprint::outbox
