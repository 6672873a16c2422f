#include <array>

#include "base/ulid.h"
#include "outbox/home_for_test.h"
#include "outbox/salvage.h"

namespace pawprint::outbox {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

class RestoredTest : public HomeTest {
 protected:
  void SetUp() override {
    HomeTest::SetUp();
    outbox_.emplace(open());
    link_ = outbox_->link(destination(), false).value().link;
  }
  void given_sent(const Link& link, std::uint64_t first, std::uint64_t count) {
    given_pending(link, first, count);
    settle_all(link);
  }
  void settle_all(const Link& link) {
    std::vector<Settlement> settlements;
    const auto rows = outbox_->sendable(link, 100'000, 1 << 30).value();
    for (const SendableRow& row : rows) settlements.push_back({row.id, RowState::sent, ""});
    const auto settled = outbox_->settle(settlements);
    ASSERT_TRUE(settled) << settled.error().message;
  }
  void given_pending(const Link& link, std::uint64_t first, std::uint64_t count) {
    std::vector<NewRow> rows;
    for (std::uint64_t i = 0; i < count; ++i) rows.push_back(row(first + i, link.link_id));
    ASSERT_TRUE(outbox_->append(rows, Durability::process));
  }
  std::string epoch(std::uint64_t number) { return ulid_text(number, {}); }
  std::optional<Restored> heard(std::uint64_t number) { return heard(link_, number); }
  std::optional<Restored> heard(const Link& link, std::uint64_t number) {
    auto answer = outbox_->hear_epoch(link, epoch(number));
    if (!answer) throw std::runtime_error(answer.error().message);
    return *answer;
  }
  std::vector<std::uint64_t> to_send(const Link& link) {
    std::vector<std::uint64_t> values;
    const auto rows = outbox_->sendable(link, 100'000, 1 << 30).value();
    for (const SendableRow& row : rows) values.push_back(row.lamport);
    return values;
  }
  Outbox::Snapshot snapshot() {
    const std::array sessions{session()};
    return outbox_->snapshot(sessions).value();
  }
  std::optional<Outbox> outbox_;
  Link link_;
};

TEST_F(RestoredTest, AtFirstContactNothingIsSentAgain) {
  given_sent(link_, 1, 3);
  EXPECT_FALSE(heard(1));
  EXPECT_FALSE(heard(1));
  EXPECT_TRUE(to_send(link_).empty());
  EXPECT_TRUE(snapshot().restored.empty());
}

TEST_F(RestoredTest, AnotherEpochMakesWhatIsKeptPendingOnceMoreInItsOrder) {
  given_sent(link_, 1, 3);
  EXPECT_FALSE(heard(1));
  given_pending(link_, 4, 2);
  const auto restored = heard(2);
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->again, 3U);
  EXPECT_EQ(restored->not_kept, 0U);
  EXPECT_EQ(to_send(link_), (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(snapshot().pending, 5U);
  EXPECT_EQ(snapshot().again, 3U);
  ASSERT_EQ(snapshot().restored.size(), 1U);
  EXPECT_EQ(snapshot().restored[0].destination.origin, link_.server_origin);
  EXPECT_EQ(snapshot().restored[0].heard_ms, kNow);
  EXPECT_EQ(outbox_->row(row(1).event_id).value()->reason, kSentAgain);
  EXPECT_EQ(outbox_->row(row(4).event_id).value()->reason, "");
}

TEST_F(RestoredTest, SeveralHubsBehindOneOriginAreToldApartAndNothingGoesRoundInCircles) {
  given_sent(link_, 1, 3);
  for (std::uint64_t hub = 1; hub <= 4; ++hub) {
    EXPECT_EQ(heard(hub).has_value(), hub > 1);
    given_sent(link_, 10 * hub, 1);
  }
  for (int answer = 0; answer < 20; ++answer) EXPECT_FALSE(heard(1 + static_cast<std::uint64_t>(answer) % 4));
}

TEST_F(RestoredTest, OnlyTheLinkThatHeardItIsConcerned) {
  const Link other = outbox_->link(destination("/fork/.git"), false).value().link;
  given_sent(link_, 1, 2);
  given_sent(other, 11, 2);
  EXPECT_FALSE(heard(link_, 1));
  EXPECT_FALSE(heard(other, 1));
  EXPECT_TRUE(heard(link_, 2));
  EXPECT_EQ(to_send(link_).size(), 2U);
  EXPECT_TRUE(to_send(other).empty());
  EXPECT_EQ(outbox_->heard_links().value().size(), 2U);
  ASSERT_TRUE(outbox_->unlink(other.project_uuid, other.repo_instance));
  EXPECT_EQ(outbox_->heard_links().value().size(), 1U);
}

TEST_F(RestoredTest, WhatIsSentAgainHoldsUpNothingNew) {
  given_sent(link_, 1, 5);
  EXPECT_FALSE(heard(1));
  EXPECT_TRUE(heard(2));
  constexpr std::uint64_t kLimit = 2;
  for (std::uint64_t value = 11; value <= 13; ++value) {
    const std::array rows{row(value, link_.link_id)};
    EXPECT_EQ(outbox_->append(rows, Durability::process, kLimit).value(),
              value < 13 ? Appended::stored : Appended::full);
  }
}

TEST_F(RestoredTest, MoreRowsThanATransactionTakesGoBackAndComeBack) {
  given_sent(link_, 1, 1000);
  EXPECT_FALSE(heard(1));
  EXPECT_EQ(heard(2)->again, 1000U);
  EXPECT_EQ(to_send(link_).size(), 1000U);
  settle_all(link_);
  EXPECT_EQ(snapshot().again, 0U);
  EXPECT_EQ(snapshot().pending, 0U);
  EXPECT_EQ(heard(3)->again, 1000U);
}

TEST_F(RestoredTest, WhatIsNoLongerKeptIsCountedAndNamedWithItsTime) {
  given_sent(link_, 1, 3);
  EXPECT_FALSE(heard(1));
  time_.advance_ms(73 * kHourMs);
  given_sent(link_, 4, 2);
  const auto restored = heard(2);
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->again, 2U);
  EXPECT_EQ(restored->not_kept, 3U);
  EXPECT_EQ(restored->not_kept_until_ms, kNow);
  EXPECT_EQ(to_send(link_), (std::vector<std::uint64_t>{4, 5}));

  settle_all(link_);
  EXPECT_EQ(snapshot().again, 0U);
  ASSERT_EQ(snapshot().restored.size(), 1U) << "it is told for a while";
  EXPECT_EQ(snapshot().restored[0].events.not_kept, 3U);
  time_.advance_ms(73 * kHourMs);
  EXPECT_TRUE(snapshot().restored.empty());
}

TEST_F(RestoredTest, ASalvageKeepsWhatIsToBeSentAgain) {
  given_sent(link_, 1, 40);
  EXPECT_FALSE(heard(1));
  EXPECT_TRUE(heard(2));
  outbox_.reset();
  const auto reported = salvage(environment_, home_);
  ASSERT_TRUE(reported) << reported.error().message;
  outbox_.emplace(open());
  EXPECT_EQ(to_send(link_).size(), 40U);
  EXPECT_EQ(snapshot().again, 40U);
  EXPECT_EQ(snapshot().restored.size(), 1U);
  EXPECT_FALSE(heard(1));
  EXPECT_FALSE(heard(2));
}

}  // namespace
}  // namespace pawprint::outbox
