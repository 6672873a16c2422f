#include <array>

#include "outbox/home_for_test.h"

namespace pawprint::outbox {
namespace {

class LinksTest : public HomeTest {
 protected:
  static NewRow row_of(std::optional<std::string> project_uuid, std::uint64_t lamport) {
    NewRow made = row(lamport);
    made.project_uuid = std::move(project_uuid);
    return made;
  }
};

TEST_F(LinksTest, ReleaseAdoptsAllRowsOfTheProjectAndNoneOfAnother) {
  Outbox outbox = open();
  std::vector<NewRow> rows;
  for (std::uint64_t i = 1; i <= 600; ++i) rows.push_back(row(i));
  rows.push_back(row_of("22222222-2222-4222-8222-222222222222", 601));
  rows.push_back(row_of(std::nullopt, 602));
  ASSERT_TRUE(outbox.append(rows, Durability::process));

  const auto linked = outbox.link(destination(), true).value();

  EXPECT_EQ(linked.released, 600U);
  EXPECT_EQ(outbox.unlinked_pending(destination().project_uuid, "/repo/.git").value(), 0U);
  EXPECT_EQ(outbox.unlinked_pending("22222222-2222-4222-8222-222222222222", "/repo/.git").value(), 1U);
  const std::array sessions{session()};
  const auto counts = outbox.snapshot(sessions).value();
  EXPECT_EQ(counts.pending, 600U);
  EXPECT_EQ(counts.sendable, 600U);
  EXPECT_EQ(counts.unlinked, 2U);
  const auto sendable = outbox.sendable(linked.link, 1000, 1 << 30).value();
  ASSERT_EQ(sendable.size(), 600U);
  EXPECT_EQ(sendable.front().data, row(1).data);
}

TEST_F(LinksTest, ReleaseAdoptsNothingThatACopyOfTheProjectEmitted) {
  Outbox outbox = open();
  NewRow of_copy = row(1);
  of_copy.repo_instance = "/copy/.git";
  const std::array rows{of_copy, row(2)};
  ASSERT_TRUE(outbox.append(rows, Durability::power));
  EXPECT_EQ(outbox.unlinked_pending(destination().project_uuid, "/repo/.git").value(), 1U);
  const auto linked = outbox.link(destination(), true).value();
  EXPECT_EQ(linked.released, 1U);
  const auto sendable = outbox.sendable(linked.link, 10, 1 << 20).value();
  ASSERT_EQ(sendable.size(), 1U);
  EXPECT_EQ(sendable.front().event_id, row(2).event_id);
}

TEST_F(LinksTest, AnEmissionKnowsOfEveryChangeThatAnotherProcessMade) {
  Outbox emitting = open();
  Outbox deciding = open();
  const Link wanted = destination();
  const auto seen = [&](std::string_view instance) {
    return emitting.glance({wanted.project_uuid, instance, {}}).value();
  };
  EXPECT_FALSE(seen("/repo/.git").link);
  ASSERT_TRUE(deciding.link(wanted, false));
  EXPECT_EQ(seen("/repo/.git").link->team_id, wanted.team_id);
  EXPECT_TRUE(seen("/copy/.git").linked_elsewhere);
  ASSERT_TRUE(deciding.link(destination("/repo/.git", "team-2"), false));
  EXPECT_EQ(seen("/repo/.git").link->team_id, "team-2");
  ASSERT_TRUE(deciding.unlink(wanted.project_uuid, "/repo/.git").value());
  EXPECT_FALSE(seen("/repo/.git").link);
  EXPECT_FALSE(seen("/copy/.git").linked_elsewhere);
}

TEST_F(LinksTest, AnOutboxThatStaysOpenIsToldOnceThatAnotherCopyIsLinked) {
  Outbox outbox = open();
  ASSERT_TRUE(outbox.link(destination(), false));
  std::vector<bool> told;
  for (std::uint64_t lamport = 1; lamport <= 3; ++lamport) {
    const std::array rows{row(lamport)};
    const auto make = [&](const Outbox::Glance& glance) -> Result<std::span<const NewRow>> {
      told.push_back(glance.linked_elsewhere);
      return rows;
    };
    ASSERT_TRUE(outbox.append({destination().project_uuid, "/copy/.git", {}}, make, Durability::process, 9));
  }
  EXPECT_EQ(told, (std::vector{true, false, false}));
}

TEST_F(LinksTest, LinkingAgainToTheSameDestinationStrandsNothing) {
  Outbox outbox = open();
  const Link first = outbox.link(destination(), false).value().link;
  const std::array rows{row(1, first.link_id)};
  ASSERT_TRUE(outbox.append(rows, Durability::power));
  ASSERT_TRUE(outbox.unlink(first.project_uuid, first.repo_instance).value());
  ASSERT_TRUE(outbox.link(destination("/repo/.git", "team-2"), false));

  EXPECT_EQ(outbox.left_behind(destination()).value(), 1U);
  EXPECT_EQ(outbox.left_behind(destination("/repo/.git", "team-2")).value(), 0U);
  const auto again = outbox.link(destination(), false).value();
  EXPECT_EQ(outbox.left_behind(destination()).value(), 0U);

  EXPECT_TRUE(again.changed);
  EXPECT_EQ(outbox.sendable(again.link, 10, 1 << 20).value().size(), 1U);
}

TEST_F(LinksTest, RelinkingEndsTheFormerLinkAndLeavesItsRows) {
  Outbox outbox = open();
  const Link first = outbox.link(destination(), false).value().link;
  const std::array rows{row(1, first.link_id)};
  ASSERT_TRUE(outbox.append(rows, Durability::power));

  const Link second = outbox.link(destination("/repo/.git", "team-2"), false).value().link;

  EXPECT_NE(second.link_id, first.link_id);
  EXPECT_EQ(outbox.active_link(first.project_uuid, first.repo_instance).value()->link_id, second.link_id);
  const std::array sessions{session(), session("team-2")};
  EXPECT_TRUE(outbox.sendable(first, 10, 1 << 20).value().empty());
  EXPECT_TRUE(outbox.sendable(second, 10, 1 << 20).value().empty());
  EXPECT_EQ(outbox.snapshot(sessions).value().pending, 1U);
  EXPECT_EQ(outbox.snapshot(sessions).value().sendable, 0U);
}

TEST_F(LinksTest, UnlinkingTwiceIsNoError) {
  Outbox outbox = open();
  const Link link = outbox.link(destination(), false).value().link;
  EXPECT_EQ(outbox.unlink(link.project_uuid, link.repo_instance).value()->link_id, link.link_id);
  EXPECT_FALSE(outbox.unlink(link.project_uuid, link.repo_instance).value());
}

TEST_F(LinksTest, RowsAreNotGivenOutForAnotherDestinationOfTheSameLink) {
  Outbox outbox = open();
  Link link = outbox.link(destination(), false).value().link;
  const std::array rows{row(1, link.link_id)};
  ASSERT_TRUE(outbox.append(rows, Durability::power));
  link.user_id = "user-2";
  EXPECT_TRUE(outbox.sendable(link, 10, 1 << 20).value().empty());
}

TEST_F(LinksTest, TheOldestWaitingEventIsFoundAmongAllDestinations) {
  Outbox outbox = open();
  const Link link = outbox.link(destination(), false).value().link;
  const std::array first{row(1)};
  ASSERT_TRUE(outbox.append(first, Durability::power));
  time_.advance_ms(1000);
  const std::array second{row(2, link.link_id)};
  ASSERT_TRUE(outbox.append(second, Durability::power));
  EXPECT_EQ(outbox.snapshot({}).value().oldest_queued_at_ms, kNow);
}

}  // namespace
}  // namespace pawprint::outbox
