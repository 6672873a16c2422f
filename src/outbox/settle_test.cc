#include <array>

#include "outbox/home_for_test.h"

namespace pawprint::outbox {
namespace {

class SettleTest : public HomeTest {
 protected:
  void SetUp() override {
    HomeTest::SetUp();
    outbox_.emplace(open());
    link_ = outbox_->link(destination(), false).value().link;
  }
  // Appends rows with these Lamport values and returns their ids, in the same order.
  std::vector<std::int64_t> queued(std::uint64_t first, std::uint64_t count) {
    std::vector<NewRow> rows;
    for (std::uint64_t i = 0; i < count; ++i) rows.push_back(row(first + i, link_.link_id));
    EXPECT_TRUE(outbox_->append(rows, Durability::process));
    std::vector<std::int64_t> ids;
    const auto all = outbox_->sendable(link_, count + first, 1 << 30).value();
    for (const SendableRow& sendable : all) {
      if (sendable.lamport >= first) ids.push_back(sendable.id);
    }
    return ids;
  }
  Result<void> settle(std::int64_t id, RowState to, std::string reason = {}) {
    const std::array one{Settlement{id, to, std::move(reason)}};
    return outbox_->settle(one);
  }
  Outbox::Snapshot snapshot() {
    const std::array sessions{session()};
    return outbox_->snapshot(sessions).value();
  }
  std::string column(std::int64_t id, const std::string& name) {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_only);
    auto query = connection->prepare("SELECT " + name + " FROM queue WHERE id = ?1");
    return query->bind(1, id).step() ? query->text(0) : "no such row";
  }
  std::optional<Outbox> outbox_;
  Link link_;
};

TEST_F(SettleTest, AParkedRowIsCountedByItsReasonAndCanBeSentAgain) {
  const auto ids = queued(1, 3);
  ASSERT_TRUE(settle(ids[0], RowState::parked, "schema_mismatch: payload.wp_id: missing"));
  ASSERT_TRUE(settle(ids[1], RowState::parked, "schema_mismatch: payload.wp_id: missing"));
  ASSERT_EQ(snapshot().parked.size(), 1U);
  EXPECT_EQ(snapshot().parked[0].count, 2U);
  EXPECT_EQ(snapshot().sendable, 1U);

  ASSERT_TRUE(settle(ids[0], RowState::pending));
  ASSERT_TRUE(settle(ids[1], RowState::discarded));
  EXPECT_TRUE(snapshot().parked.empty());
  EXPECT_EQ(snapshot().pending, 2U);
  EXPECT_EQ(outbox_->sendable(link_, 10, 1 << 20).value().front().id, ids[0]);
}

TEST_F(SettleTest, OnlyARefusalCountsAsAnAttempt) {
  const auto ids = queued(1, 1);
  ASSERT_TRUE(settle(ids[0], RowState::parked, "malformed: no"));
  ASSERT_TRUE(settle(ids[0], RowState::pending));
  EXPECT_EQ(column(ids[0], "attempts"), "1");
  ASSERT_TRUE(settle(ids[0], RowState::sent));
  EXPECT_EQ(column(ids[0], "attempts"), "1");
}

TEST_F(SettleTest, AForbiddenMoveChangesNothingNotEvenItsNeighbours) {
  const auto ids = queued(1, 2);
  ASSERT_TRUE(settle(ids[0], RowState::sent));
  const std::array settlements{Settlement{ids[1], RowState::sent, ""},
                               Settlement{ids[0], RowState::parked, "malformed: no"}};
  const auto refused = outbox_->settle(settlements);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::failed);
  EXPECT_EQ(column(ids[0], "state"), "sent");
  EXPECT_EQ(column(ids[1], "state"), "pending");
  EXPECT_EQ(snapshot().pending, 1U);
  EXPECT_TRUE(snapshot().parked.empty());
}

TEST_F(SettleTest, TwoDeliverersMaySettleTheSameRow) {
  const auto ids = queued(1, 1);
  ASSERT_TRUE(settle(ids[0], RowState::sent));
  EXPECT_TRUE(settle(ids[0], RowState::sent));
  EXPECT_EQ(snapshot().pending, 0U);
}

TEST_F(SettleTest, OnlyADeliveryIsADelivery) {
  const auto ids = queued(1, 2);
  ASSERT_TRUE(settle(ids[0], RowState::parked, "malformed: no"));
  EXPECT_FALSE(snapshot().last_delivery_ms);
  ASSERT_TRUE(settle(ids[1], RowState::sent));
  EXPECT_EQ(snapshot().last_delivery_ms, kNow);
}

TEST_F(SettleTest, ManyRowsAreSettledAndTheOldestSentOnesAreForgottenBeyondTwentyThousand) {
  const auto ids = queued(1, 20'300);
  ASSERT_EQ(ids.size(), 20'300U);
  std::vector<Settlement> settlements;
  for (const std::int64_t id : ids) settlements.push_back({id, RowState::sent, ""});
  ASSERT_TRUE(outbox_->settle(settlements));
  EXPECT_EQ(snapshot().pending, 0U);
  const std::array asked{row(1).event_id, row(300).event_id, row(301).event_id, row(20'300).event_id};
  EXPECT_EQ(outbox_->known_ids(asked).value(), (std::vector{row(301).event_id, row(20'300).event_id}));
}

}  // namespace
}  // namespace pawprint::outbox
