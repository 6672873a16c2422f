#include <array>

#include "outbox/home_for_test.h"

namespace pawprint::outbox {
namespace {

class WaitingTest : public HomeTest {
 protected:
  void SetUp() override {
    HomeTest::SetUp();
    outbox_.emplace(open());
  }
  Link linked(const Link& destination) { return outbox_->link(destination, false).value().link; }
  void append(const NewRow& row) { ASSERT_TRUE(outbox_->append(std::array{row}, Durability::process)); }
  std::int64_t meta(std::string_view key) {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_only).value();
    auto query = connection.prepare("SELECT value FROM meta WHERE key = ?1").value();
    query.bind(1, key);
    return query.step().value() ? query.integer(0) : 0;
  }

  std::optional<Outbox> outbox_;
};

TEST_F(WaitingTest, EachActiveLinkHasItsOwnCountAndAge) {
  const Link one = linked(destination("/one/.git", "team-1"));
  append(row(1, one.link_id));
  time_.advance_ms(5000);
  const Link other = linked(destination("/other/.git", "team-2"));
  append(row(2, other.link_id));
  append(row(3, other.link_id));
  append(row(4));
  linked(destination("/idle/.git", "team-3"));

  const auto waiting = outbox_->waiting_links().value();
  ASSERT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting[0].link.link_id, one.link_id);
  EXPECT_EQ(waiting[0].pending, 1U);
  EXPECT_EQ(waiting[0].oldest_queued_at_ms, kNow);
  EXPECT_EQ(waiting[1].link.team_id, "team-2");
  EXPECT_EQ(waiting[1].pending, 2U);
  EXPECT_EQ(waiting[1].oldest_queued_at_ms, kNow + 5000);
}

TEST_F(WaitingTest, AnEndedLinkIsNeitherActiveNorListed) {
  const Link link = linked(destination());
  append(row(1, link.link_id));
  EXPECT_TRUE(outbox_->is_active(link).value());
  ASSERT_TRUE(outbox_->unlink(link.project_uuid, link.repo_instance).value());
  EXPECT_FALSE(outbox_->is_active(link).value());
  EXPECT_TRUE(outbox_->waiting_links().value().empty());
}

TEST_F(WaitingTest, MakingDurableCommitsSomethingNewEachTime) {
  ASSERT_TRUE(outbox_->make_durable());
  EXPECT_EQ(meta("made_durable"), 1);
  ASSERT_TRUE(outbox_->make_durable());
  EXPECT_EQ(meta("made_durable"), 2);
}

}  // namespace
}  // namespace pawprint::outbox
