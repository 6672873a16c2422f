// One team, or a stranger, that takes all it can get, beside a team that keeps within its quota.
#include <memory>
#include <span>
#include <vector>

#include "base/format.h"
#include "faults/fault_fixture.h"
#include "harness/raw_connection.h"
#include "net/gzip.h"

namespace pawprint::testing {
namespace {

class FairShare : public FaultTest {
 protected:
  using Connections = std::vector<std::unique_ptr<RawConnection>>;

  Connections connect(std::size_t count) const {
    Connections connections;
    while (connections.size() < count) connections.push_back(std::make_unique<RawConnection>(hub_.url()));
    return connections;
  }

  static std::string head(const std::string& path, std::size_t told_bytes, const std::string& more = {}) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n",
        path, more, told_bytes);
  }

  static std::string of(const Member& member) {
    return fmt::format("Authorization: Bearer {}\r\n", member.access());
  }

  static std::string batch_of(const Member& member, const std::vector<std::string>& events) {
    std::string body = R"({"events":[)" + events.front();
    for (const std::string& event : std::span(events).subspan(1)) body += "," + event;
    body += "]}";
    return head("/api/v1/events/batch/", body.size(), of(member)) + body;
  }

  void expect_calm(Member& calm, std::uint64_t first) {
    EXPECT_EQ(calm.batch(member_events(first, 5, {.team_slug = kOtherTeam}), ledger_).success, 5U);
    EXPECT_EQ(calm.send("GET", "/readyz")->status, 200);
    EXPECT_EQ(calm.send("GET", "/api/v1/projects")->status, 200);
  }
};

TEST_F(FairShare, BodiesThatAreToldAndDoNotComeTakeNothingFromAnybody) {
  constexpr std::size_t kMostTold = 1U << 20;
  const Member flood = kim();
  Member calm = robin();
  const Connections of_a_team = connect(70);
  for (const auto& each : of_a_team)
    ASSERT_TRUE(each->send(head("/api/v1/events/batch/", kMostTold, of(flood))));
  const Connections of_strangers = connect(200);
  for (const auto& each : of_strangers) ASSERT_TRUE(each->send(head("/api/v1/token/", 16U << 10)));
  expect_calm(calm, 1);
  Member signed_in = robin();
  expect_calm(signed_in, 6);
  expect_laws();
}

TEST_F(FairShare, BodiesThatComeAlmostWholeTakeOneTeamsShare) {
  constexpr std::size_t kTold = 1U << 20;
  const Member flood = kim();
  Member calm = robin();
  const Connections connections = connect(70);
  for (const auto& each : connections)
    ASSERT_TRUE(each->send(head("/api/v1/events/batch/", kTold, of(flood)) + std::string(kTold - 1, ' ')));
  expect_calm(calm, 1);
  std::size_t turned_away = 0;
  for (const auto& each : connections) {
    each->send(" ");
    const RawAnswer answer = each->read_answer();
    turned_away += answer.status == 429 ? 1U : 0U;
    EXPECT_TRUE(answer.status == 429 || answer.status == 400) << answer.head;
  }
  EXPECT_GT(turned_away, 0U);
  EXPECT_LT(turned_away, connections.size());
  expect_laws();
}

// Little is sent, and much is to be answered: what is refused is answered with its id as it was sent.
TEST_F(FairShare, AnswersToBatchesThatNobodyReadsTakeOneTeamsShare) {
  constexpr std::size_t kEventsOfABatch = 32, kIdBytes = 250'000, kMostOfTeam = 64U << 20, kThreadsOfTeam = 6;
  const Member flood = kim();
  Member calm = robin();
  const std::string event = fmt::format(R"({{"event_id":"{}"}})", std::string(kIdBytes, 'x'));
  std::string body = R"({"events":[)" + event;
  for (std::size_t i = 1; i < kEventsOfABatch; ++i) body += "," + event;
  const std::string compressed = net::gzip(body + "]}").value();
  const Connections connections = connect(40);
  for (const auto& each : connections) {
    ASSERT_TRUE(each->send(
        head("/api/v1/events/batch/", compressed.size(), of(flood) + "Content-Encoding: gzip\r\n") +
        compressed));
  }
  for (const auto& each : connections) ASSERT_EQ(each->take_some(1), 1U);
  expect_calm(calm, 1);
  std::size_t judged = 0;
  for (const auto& each : connections) {
    const RawAnswer answer = each->read_answer();
    EXPECT_TRUE(answer.status == 200 || answer.status == 429) << answer.head;
    EXPECT_NE(answer.header("Retry-After").empty(), answer.status == 429);
    judged += answer.status == 200 ? 1U : 0U;
  }
  EXPECT_LE(judged, kMostOfTeam / (kEventsOfABatch * kIdBytes) + 1 + kThreadsOfTeam);
  EXPECT_GE(judged, kMostOfTeam / (kEventsOfABatch * kIdBytes + (1U << 20)));
  expect_laws();
}

// More requests at once than there are threads and places, all of one team.
TEST_F(FairShare, RequestsOfOneTeamWaitForEachOtherAndForNobodyElse) {
  hub_.kill();
  hub_.start({}, {"--team-events-per-second", "1", "--team-burst-events", "1000"});
  const Member flood = kim();
  Member calm = robin();
  const auto events = member_events(100'000, 200, {.padding = 100});
  const std::string request = batch_of(flood, events);
  const Connections connections = connect(180);
  for (std::uint64_t round = 0; round < 3; ++round) {
    for (const auto& each : connections) ASSERT_TRUE(each->send(request));
    expect_calm(calm, 1 + round * 5);
    for (const auto& each : connections) {
      const RawAnswer answer = each->read_answer();
      EXPECT_TRUE(answer.status == 200 || answer.status == 429) << answer.head;
    }
  }
  EXPECT_EQ(rows_of_log(hub_.data()).size(), 200U + 15U);
  expect_laws();
}

}  // namespace
}  // namespace pawprint::testing
