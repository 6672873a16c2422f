// What an append remembers for the next one, beside other processes that write.
#include <array>

#include "outbox/home_for_test.h"

namespace pawprint::outbox {
namespace {

class AppendTest : public HomeTest {
 protected:
  // Appends one row and returns what the append was told.
  Outbox::Glance append(Outbox& outbox, const NewRow& row, std::uint64_t limit = kNoLimit) {
    Outbox::Glance told;
    const auto make = [&](const Outbox::Glance& glance) -> Result<std::span<const NewRow>> {
      told = glance;
      return std::span(&row, 1);
    };
    const Link link = destination();
    outcome_ = outbox.append({link.project_uuid, link.repo_instance, {}}, make, Durability::process, limit);
    return told;
  }

  Result<Appended> outcome_ = Appended::stored;
};

TEST_F(AppendTest, KnowsWhatItDidItself) {
  Outbox outbox = open();
  EXPECT_EQ(append(outbox, row(7)).high_water, 0U);
  EXPECT_EQ(append(outbox, row(9)).high_water, 7U);
  EXPECT_EQ(append(outbox, row(8)).high_water, 9U);
  EXPECT_EQ(append(outbox, row(10)).high_water, 9U);
}

TEST_F(AppendTest, KnowsWhatAnotherProcessAppended) {
  Outbox mine = open();
  Outbox other = open();
  append(mine, row(1));
  append(other, row(50));
  EXPECT_EQ(append(mine, row(2)).high_water, 50U);
}

TEST_F(AppendTest, KnowsOfALinkThatAnotherProcessMade) {
  Outbox mine = open();
  Outbox other = open();
  EXPECT_FALSE(append(mine, row(1)).link);
  ASSERT_TRUE(other.link(destination(), false));
  EXPECT_EQ(append(mine, row(2)).link->team_id, "team-1");
  ASSERT_TRUE(other.unlink(destination().project_uuid, "/repo/.git").value());
  EXPECT_FALSE(append(mine, row(3)).link);
}

TEST_F(AppendTest, CountsWhatAnotherProcessAppendedAgainstTheLimit) {
  Outbox mine = open();
  Outbox other = open();
  append(mine, row(1), 3);
  append(other, row(2), 3);
  append(other, row(3), 3);
  append(mine, row(4), 3);
  EXPECT_EQ(outcome_.value(), Appended::full);
}

TEST_F(AppendTest, FindsRoomAgainOnceRowsAreSettled) {
  Outbox mine = open();
  Outbox other = open();
  append(mine, row(1), 1);
  append(mine, row(2), 1);
  ASSERT_EQ(outcome_.value(), Appended::full);
  const std::array settled{Settlement{1, RowState::sent, {}}};
  ASSERT_TRUE(other.settle(settled));
  append(mine, row(2), 1);
  EXPECT_EQ(outcome_.value(), Appended::stored);
}

TEST_F(AppendTest, AnErrorOfWhoMakesTheRowsLeavesNothingBehind) {
  Outbox outbox = open();
  append(outbox, row(1));
  const auto refuse = [](const Outbox::Glance&) -> Result<std::span<const NewRow>> {
    return fail(ErrorKind::invalid, "no");
  };
  const auto refused = outbox.append({}, refuse, Durability::process, kNoLimit);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(append(outbox, row(2)).high_water, 1U);
  EXPECT_EQ(outbox.snapshot({}).value().unlinked, 2U);
}

}  // namespace
}  // namespace pawprint::outbox
