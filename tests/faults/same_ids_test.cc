// The same events from many at once, ids that come again with something else, and one team that floods.
#include <algorithm>
#include <barrier>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <random>
#include <thread>

#include "faults/fault_fixture.h"
#include "faults/preloaded.h"
#include "harness/size.h"

namespace pawprint::testing {
namespace {

class SameIds : public FaultTest {
 protected:
  // Each on a connection and a thread of its own, all at once.
  void all_at_once(const Member& member, const std::vector<std::vector<std::string>>& batches) {
    std::barrier begin(static_cast<std::ptrdiff_t>(batches.size()));
    std::vector<std::jthread> threads;
    for (const auto& batch : batches) {
      threads.emplace_back([&] {
        Member mine(member);
        begin.arrive_and_wait();
        const auto answer = mine.batch(batch);
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(answer->status, 200) << answer->body;
        ledger_.note(mine.team_slug(), batch, answer);
      });
    }
  }
};

TEST_F(SameIds, OfTheSameBatchAHundredTimesAtOnceAreStoredOnce) {
  const auto batch = member_events(1, 50);
  all_at_once(kim(), std::vector(100, batch));
  EXPECT_EQ(ledger_.acknowledged(), 50U);
  EXPECT_EQ(rows_of_log(hub_.data()).size(), 50U);
  expect_laws();
}

TEST_F(SameIds, InBatchesThatOverlapInOppositeOrderAreStoredOnceAndNobodyWaitsForEver) {
  std::vector<std::vector<std::string>> batches;
  for (std::uint64_t i = 0; i < 32; ++i) {
    auto batch = member_events(1 + i * 10, 100);
    if (i % 2 == 1) std::ranges::reverse(batch);
    batches.push_back(std::move(batch));
  }
  all_at_once(kim(), batches);
  EXPECT_EQ(ledger_.acknowledged(), 31U * 10 + 100);
  EXPECT_EQ(rows_of_log(hub_.data()).size(), ledger_.acknowledged());
  expect_laws();
}

TEST_F(SameIds, WithAnotherBodyAreAConflictAndInAnotherTeamTheirOwn) {
  Member first = kim();
  Member second = robin();
  EXPECT_EQ(first.batch(member_events(1, 3), ledger_).success, 3U);
  const auto changed = member_events(1, 3, {.title = "Another"});
  const auto answer = first.batch(changed);
  EXPECT_EQ(ledger_.note("acme", changed, answer).error, 3U);
  const boost::json::value body = boost::json::parse(answer->body);
  for (const auto& result : body.at("results").as_array()) {
    EXPECT_EQ(result.at("error_category").as_string(), "event_id_conflict");
  }
  const auto theirs = member_events(1, 3, {.team_slug = kOtherTeam, .title = "Another"});
  EXPECT_EQ(second.batch(theirs, ledger_).success, 3U);
  EXPECT_EQ(first.batch(member_events(1, 3), ledger_).duplicate, 3U);
  EXPECT_EQ(second.batch(theirs, ledger_).duplicate, 3U);
  expect_laws();
}

// Twenty times what it may send, beside a team that keeps within its own.
TEST_F(SameIds, OfATeamAboveItsQuotaAreTurnedAwayAndNobodyElses) {
  hub_.kill();
  hub_.start({}, {"--team-events-per-second", "1", "--team-burst-events", "200"});
  Member flood = kim();
  Member calm = robin();
  std::size_t turned_away = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto events = member_events(1 + i * 200, 200, {.padding = 100});
    const auto answer = flood.batch(events);
    ASSERT_TRUE(answer) << answer.error().message;
    if (answer->status == 429) {
      ++turned_away;
      EXPECT_NE(answer->header("Retry-After"), nullptr);
      EXPECT_TRUE(boost::json::parse(answer->body).as_object().contains("limits")) << answer->body;
    }
    ledger_.note("acme", events, answer);
    EXPECT_EQ(calm.batch(member_events(1 + i * 5, 5, {.team_slug = kOtherTeam}), ledger_).success, 5U);
  }
  EXPECT_GE(turned_away, 18U);
  EXPECT_EQ(ledger_.acknowledged(), (20 - turned_away) * 200 + 100);
  EXPECT_EQ(rows_of_log(hub_.data()).size(), ledger_.acknowledged());
  expect_laws();
}

class Shuffled : public FaultTest {
 protected:
  // Twenty work packages on their way through the lanes, some of them with a loser.
  static std::vector<std::string> history(std::string_view team_slug) {
    constexpr std::array<std::string_view, 4> kLanes{"planned", "in_progress", "for_review", "done"};
    std::vector<std::string> events;
    std::uint64_t number = 0;
    for (std::uint64_t wp = 0; wp < 20; ++wp) {
      std::uint64_t cause = 0;
      number = (number + 20) / 20 * 20 + wp;  // member_event names the work package by its number
      events.push_back(member_event({.number = number + 1000, .team_slug = team_slug}));
      for (std::size_t lane = 0; lane < 3; ++lane) {
        const std::uint64_t moved = 10'000 + wp * 100 + lane;
        events.push_back(member_move({.number = moved,
                                      .cause = cause,
                                      .wp = wp,
                                      .from = kLanes[lane],
                                      .to = kLanes[lane + 1],
                                      .team_slug = team_slug}));
        if (wp % 5 == 0 && lane == 1) {
          events.push_back(member_move({.number = moved + 50,
                                        .cause = cause,
                                        .wp = wp,
                                        .from = kLanes[lane],
                                        .to = "planned",
                                        .team_slug = team_slug}));
        }
        cause = moved;
      }
    }
    return events;
  }
  static boost::json::value lanes_of(Member& member) {
    return member.get("/api/v1/projects/" + std::string(kMembersProject) + "/features/032-sync").at("lanes");
  }

  // Of a team of its own.
  Member newcomer(const std::string& team_slug) const {
    const std::string user = team_slug + "@example.com";
    hub_.run({"team", "add", team_slug}, "");
    hub_.run({"user", "add", user, "--team", team_slug, "--password-stdin"}, std::string(kPassword) + "\n");
    return Member(hub_, team_slug, user);
  }
};

TEST_F(Shuffled, EventsThatComeInAnyOrderGiveTheBoardOfTheRightOne) {
  Member in_order = kim();
  EXPECT_EQ(in_order.batch(history("acme"), ledger_).error, 0U);
  const boost::json::value expected = lanes_of(in_order);
  EXPECT_TRUE(boost::json::serialize(expected).contains("\"sides\"")) << "a history without a loser";
  const std::uint64_t seed = from_variable("PAWPRINT_KILL_SEED", 1);
  for (std::uint64_t order = seed; order < seed + 4; ++order) {
    SCOPED_TRACE("seed " + std::to_string(order));
    Member late = newcomer("late-" + std::to_string(order));
    std::mt19937_64 choice(order);
    auto events = history(late.team_slug());
    std::ranges::shuffle(events, choice);
    for (std::size_t at = 0; at < events.size();) {  // batch by batch, of any size, read in between
      const std::size_t size = std::min<std::size_t>(1 + choice() % 20, events.size() - at);
      EXPECT_EQ(late.batch(std::span(events).subspan(at, size), ledger_).success, size);
      at += size;
      late.get("/api/v1/projects");
    }
    EXPECT_EQ(lanes_of(late), expected);
  }
  expect_laws();
}

// Each event but one in five comes at once, and that one three days later.
TEST_F(Shuffled, EventsThatComeDaysLateGiveTheSameBoard) {
  constexpr long kThreeDays = 3L * 24 * 3600;
  const fs::path passed = directory_.path() / "passed";
  write_text(passed, "0");
  hub_.kill();
  hub_.start(preloaded({{"PAW_TIME_PASSED", passed}}));
  Member in_order = kim();
  EXPECT_EQ(in_order.batch(history("acme"), ledger_).error, 0U);
  const auto all = history(kOtherTeam);
  std::vector<std::string> early, late;
  for (std::size_t i = 0; i < all.size(); ++i) (i % 5 == 2 ? late : early).push_back(all[i]);
  Member before = robin();
  EXPECT_EQ(before.batch(early, ledger_).success, early.size());
  EXPECT_NE(lanes_of(before), lanes_of(in_order));
  write_text(passed, std::to_string(kThreeDays));
  Member days_later = robin();
  EXPECT_EQ(days_later.batch(late, ledger_).success, late.size());
  Member again = kim();
  EXPECT_EQ(lanes_of(days_later), lanes_of(again));
  expect_laws();
}

}  // namespace
}  // namespace pawprint::testing
