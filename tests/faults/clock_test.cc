// The wall clock of the real hub, and those of the machines that send, are wrong.
#include <boost/json/parse.hpp>
#include <set>

#include "faults/fault_fixture.h"
#include "faults/preloaded.h"
#include "protocol/envelope.h"

namespace pawprint::testing {
namespace {

constexpr long kHour = 3600;
constexpr long kYear = 365L * 24 * kHour;

class Clocks : public FaultTest {};

void replace(std::string& event, std::string_view from, std::string_view to) {
  const std::size_t at = event.find(from);
  ASSERT_NE(at, std::string::npos) << event;
  event.replace(at, from.size(), to);
}

TEST_F(Clocks, ThatJumpUnderTheHubChangeNeitherOrderNorIdsNorCursors) {
  const fs::path offset = directory_.path() / "offset";
  write_text(offset, "0");
  hub_.kill();
  hub_.start(preloaded({{"PAW_CLOCK_OFFSET", offset}}));
  std::vector<std::string> sent;
  std::string cursor;
  std::uint64_t next = 1;
  std::set<std::string> years;
  for (const long jump : {0L, kHour, -kHour, kYear, -kYear, 0L}) {
    SCOPED_TRACE("clock off by " + std::to_string(jump) + " s");
    write_text(offset, std::to_string(jump));
    Member member = kim();
    EXPECT_EQ(member.batch(member_events(next, 5), ledger_).success, 5U);
    for (std::uint64_t i = 0; i < 5; ++i) sent.push_back(member_event_id(next + i));
    next += 5;
    const Verdicts again = member.batch(member_events(1, next - 1), ledger_);
    EXPECT_EQ(again.duplicate, next - 1);
    const auto page =
        member.get("/api/v1/events?limit=1000" + (cursor.empty() ? std::string() : "&after=" + cursor));
    const auto& events = page.at("events").as_array();
    ASSERT_EQ(events.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(events[i].at("event").at("event_id").as_string().c_str(), sent[sent.size() - 5 + i]);
    }
    years.emplace(events[0].at("received_at").as_string().subview(0, 4));
    cursor = page.at("next").as_string().c_str();
  }
  EXPECT_GE(years.size(), 3U) << "the clock did not jump";
  expect_laws();
}

TEST_F(Clocks, ThatJumpAYearAheadAndBackSignNobodyOut) {
  const fs::path offset = directory_.path() / "offset";
  write_text(offset, "0");
  hub_.kill();
  hub_.start(preloaded({{"PAW_CLOCK_OFFSET", offset}}));
  const std::string credentials =
      R"({"username":")" + std::string(kUser) + R"(","password":")" + kPassword + R"("})";
  Member member = kim();
  const auto session = member.send("POST", "/api/v1/token/", credentials);
  ASSERT_TRUE(session && session->status == 200);
  write_text(offset, std::to_string(kYear));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(member.send("POST", "/api/v1/token/", credentials)->status, 200);
  write_text(offset, "0");
  const std::string refresh = boost::json::parse(session->body).at("refresh").as_string().c_str();
  const auto again = member.send("POST", "/api/v1/token/refresh/", R"({"refresh":")" + refresh + R"("})");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->status, 200) << again->body;
}

TEST_F(Clocks, ThatAreWrongForAWhileSignNobodyOutWhoComesMeanwhile) {
  const fs::path offset = directory_.path() / "offset";
  write_text(offset, "0");
  hub_.kill();
  hub_.start(preloaded({{"PAW_CLOCK_OFFSET", offset}}));
  Member member = kim();
  const auto session =
      member.send("POST", "/api/v1/token/",
                  R"({"username":")" + std::string(kUser) + R"(","password":")" + kPassword + R"("})");
  ASSERT_TRUE(session && session->status == 200);
  std::string refresh = boost::json::parse(session->body).at("refresh").as_string().c_str();
  for (const long wrong : {kYear, 0L, -kYear, 0L, kHour, 0L}) {
    SCOPED_TRACE("clock off by " + std::to_string(wrong) + " s");
    write_text(offset, std::to_string(wrong));
    const auto answer = member.send("POST", "/api/v1/token/refresh/", R"({"refresh":")" + refresh + R"("})");
    ASSERT_TRUE(answer && answer->status == 200) << answer->body;
    refresh = boost::json::parse(answer->body).at("refresh").as_string().c_str();
  }
  hub_.kill();
  hub_.start();
  EXPECT_EQ(member.send("POST", "/api/v1/token/refresh/", R"({"refresh":")" + refresh + R"("})")->status,
            200);
}

// Their time stands in the event and orders nothing; a Lamport value that cannot be is refused alone.
TEST_F(Clocks, OfMachinesThatAreWrongHarmNobodyElse) {
  Member member = kim();
  std::vector<std::string> events = member_events(1, 3);
  replace(events[0], "2026-02-03", "1970-01-01");
  replace(events[1], "2026-02-03", "2096-02-03");
  replace(events[2], "\"lamport_clock\":3", "\"lamport_clock\":9007199254740993");
  const Verdicts verdicts = member.batch(events, ledger_);
  EXPECT_EQ(verdicts.success, 2U);
  EXPECT_EQ(verdicts.error, 1U);
  const auto answer = member.batch(member_events(10, 1));
  ASSERT_TRUE(answer && answer->status == 200);
  EXPECT_EQ(*answer->header("X-Pawprint-Clock"), "10");
  expect_laws();
}

TEST_F(Clocks, OfMachinesThatAreAheadAreShownToBe) {
  Member member = kim();
  std::vector<std::string> events = member_events(1, 3);
  replace(events[0], "a1b2c3d4e5f6", "aaaaaaaaaaaa");
  replace(events[0], "2026-02-03", "1970-01-01");
  replace(events[1], "a1b2c3d4e5f6", "bbbbbbbbbbbb");
  replace(events[1], "2026-02-03", "2096-02-03");
  EXPECT_EQ(member.batch(events, ledger_).success, 3U);
  std::string ahead;
  const auto list = member.get("/api/v1/nodes");
  for (const auto& node : list.at("nodes").as_array()) {
    if (node.at("clock_ahead_ms").as_int64() > kYear * 1000) ahead += node.at("node_id").as_string();
  }
  EXPECT_EQ(ahead, "bbbbbbbbbbbb");
}

}  // namespace
}  // namespace pawprint::testing
