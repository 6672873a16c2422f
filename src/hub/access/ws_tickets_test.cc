#include "hub/access/ws_tickets.h"

#include <gtest/gtest.h>

#include <vector>

namespace pawprint::hub::access {
namespace {

class WsTicketsTest : public testing::Test {
 protected:
  ManualClock clock_{1'770'120'000'000};
  SeededRandom random_{3};
  WsTickets tickets_{clock_, random_};
  identity::Principal ada_{"ada", "team-1", "acme", "member"};
};

TEST_F(WsTicketsTest, ATicketSpeaksForWhoAskedForItOnce) {
  const std::string ticket = tickets_.issue(ada_);
  const auto principal = tickets_.redeem(ticket);
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->user_id, "ada");
  EXPECT_EQ(principal->team_id, "team-1");
  EXPECT_EQ(principal->role, "member");
  EXPECT_FALSE(tickets_.redeem(ticket));
}

TEST_F(WsTicketsTest, ATicketExpires) {
  const std::string ticket = tickets_.issue(ada_);
  const std::string other = tickets_.issue(ada_);
  clock_.advance_ms(kTicketLifetimeSeconds * 1000 - 1);
  EXPECT_TRUE(tickets_.redeem(ticket));
  clock_.advance_ms(1);
  EXPECT_FALSE(tickets_.redeem(other));
}

TEST_F(WsTicketsTest, AClockThatJumpsChangesNothing) {
  const std::string ticket = tickets_.issue(ada_);
  clock_.jump_wall_ms(365LL * 24 * 3600 * 1000);
  EXPECT_TRUE(tickets_.redeem(ticket));
}

TEST_F(WsTicketsTest, NobodyFillsTheHubWithTickets) {
  std::vector<std::string> given;
  for (std::size_t i = 0; i <= kMaxTicketsPerCaller; ++i) given.push_back(tickets_.issue(ada_));
  EXPECT_FALSE(tickets_.redeem(given.front()));
  EXPECT_TRUE(tickets_.redeem(given[1]));
  EXPECT_TRUE(tickets_.redeem(given.back()));
}

TEST_F(WsTicketsTest, WhatIsNoTicketIsRefused) {
  EXPECT_FALSE(tickets_.redeem(""));
  EXPECT_FALSE(tickets_.redeem("pwt_"));
  EXPECT_FALSE(tickets_.redeem("prt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
}

}  // namespace
}  // namespace pawprint::hub::access
