#include "hub/ingest/ingest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "base/format.h"
#include "hub/store/store_fixture.h"
#include "protocol/canonical.h"
#include "protocol/limits.h"

namespace pawprint::hub::ingest {
namespace {

constexpr std::string_view kId1 = "01HX0000000000000000000001";
constexpr std::string_view kId2 = "01HX0000000000000000000002";
constexpr std::string_view kId3 = "01HX0000000000000000000003";

// An event that every check accepts, with what a test wants to be different.
struct Sample {
  std::string id = std::string(kId1);
  std::string team = "acme";
  std::string lamport = "7";
  std::string payload = R"({"wp_id":"WP01","from_lane":"planned","to_lane":"in_progress","actor":"ada"})";
  std::string type = "WPStatusChanged";
  std::string extra = "";
};

std::string event(const Sample& sample = {}) {
  return fmt::format(
      R"({{"event_id":"{}","event_type":"{}","aggregate_id":"WP01","aggregate_type":"WorkPackage","payload":{},)"
      R"("node_id":"a1b2c3d4e5f6","lamport_clock":{},"causation_id":null,"correlation_id":null,)"
      R"("timestamp":"2026-02-03T12:00:00.000Z","team_slug":"{}",)"
      R"("project_uuid":"550e8400-e29b-41d4-a716-446655440000","project_slug":"p"{}}})",
      sample.id, sample.type, sample.payload, sample.lamport, sample.team, sample.extra);
}

std::string frame(const std::vector<std::string>& events) {
  std::string body;
  for (const auto& one : events) body += (body.empty() ? "" : ",") + one;
  return R"({"events":[)" + body + "]}";
}

std::string success(std::string_view id) {
  return fmt::format(R"({{"event_id":"{}","status":"success"}})", id);
}
std::string duplicate(std::string_view id) {
  return fmt::format(R"({{"event_id":"{}","status":"duplicate"}})", id);
}
std::string results(const std::vector<std::string>& verdicts) {
  std::string body;
  for (const auto& one : verdicts) body += (body.empty() ? "" : ",") + one;
  return R"({"results":[)" + body + "]}";
}

class IngestTest : public store::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    team_ = make_team("acme");
    caller_ = {team_.team_id, "acme", "user", "member"};
    start();
  }
  void start() { ingest_.emplace(*store_, clock_); }
  IngestAnswer post(const std::vector<std::string>& events) { return ingest_->batch(caller_, frame(events)); }
  // Of one refused event among good ones: its verdict. Checks that the neighbours are stored.
  std::string verdict_between_good_ones(const std::string& bad) {
    const auto answer = post({event({.id = std::string(kId1)}), bad, event({.id = std::string(kId2)})});
    EXPECT_EQ(answer.status, 200);
    const std::string before = R"({"results":[)" + success(kId1) + ",", behind = "," + success(kId2) + "]}";
    EXPECT_TRUE(answer.body.starts_with(before) && answer.body.ends_with(behind)) << answer.body;
    EXPECT_EQ(stored().size(), 2u);
    if (answer.body.size() < before.size() + behind.size()) return {};
    return answer.body.substr(before.size(), answer.body.size() - before.size() - behind.size());
  }
  std::vector<store::LoggedEvent> stored() {
    auto events = store_->log().read(team_.team_id, 0, 10'000);
    EXPECT_TRUE(events);
    return events.value_or(std::vector<store::LoggedEvent>{});
  }
  static std::string header(const IngestAnswer& answer, std::string_view name) {
    for (const auto& [key, value] : answer.headers) {
      if (key == name) return value;
    }
    return "none";
  }
  static bool is_refusal(std::string_view verdict, std::string_view id_json, std::string_view category) {
    return verdict.starts_with(
               fmt::format(R"({{"event_id":{},"status":"error","error_message":)", id_json)) &&
           verdict.ends_with(fmt::format(R"(,"error_category":"{}"}})", category));
  }

  store::Team team_;
  Caller caller_;
  std::optional<Ingest> ingest_;
};

TEST_F(IngestTest, EachEventGetsOneVerdictInOrderAndIsStoredAsItCame) {
  const std::string first =
      event({.id = std::string(kId2), .extra = R"( , "note" : "\u00e9 1.0" , "x":[1.0,-0] )"});
  const auto answer = post({first, event({.id = std::string(kId1)})});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, results({success(kId2), success(kId1)}));
  ASSERT_EQ(stored().size(), 2u);
  EXPECT_EQ(stored()[0].body, first);
  EXPECT_EQ(stored()[0].project_uuid, "550e8400-e29b-41d4-a716-446655440000");
}

TEST_F(IngestTest, AnEmptyBatchIsAPing) {
  const auto answer = post({});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"results":[]})");
}

TEST_F(IngestTest, TheAnswerTellsClockAndEpoch) {
  const auto answer = post({event({.lamport = "41"})});
  EXPECT_EQ(header(answer, "X-Pawprint-Clock"), "41");
  EXPECT_EQ(header(answer, "X-Pawprint-Epoch"), store_->epoch());
}

TEST_F(IngestTest, ARepeatedEventIsADuplicateAlsoAfterARestart) {
  post({event()});
  EXPECT_EQ(post({event()}).body, results({duplicate(kId1)}));
  ingest_.reset();
  open_store();
  start();
  EXPECT_EQ(post({event()}).body, results({duplicate(kId1)}));
  EXPECT_EQ(stored().size(), 1u);
}

TEST_F(IngestTest, WhatWasStoredIsADuplicateForEverWhateverIsJudgedOfItNow) {
  const std::uint64_t ceiling = protocol::lamport_ceiling(kNowMs / 1000);
  const std::string at_ceiling = event({.lamport = std::to_string(ceiling)});
  EXPECT_EQ(post({at_ceiling}).body, results({success(kId1)}));
  clock_.jump_wall_ms(-3'600'000);  // stepped back
  EXPECT_EQ(post({at_ceiling}).body, results({duplicate(kId1)}));
  caller_.team_slug = "renamed";
  EXPECT_EQ(post({at_ceiling}).body, results({duplicate(kId1)}));
  EXPECT_EQ(stored().size(), 1u);
}

TEST_F(IngestTest, WhatAnOlderHubStoredIsADuplicateUnderStricterRules) {
  const std::string loose = event({.payload = R"({"wp_id":7})"});
  store::NewEvent known;
  known.event_id = kId1;
  known.body_hash = *protocol::content_hash(loose);
  known.body = loose;
  ASSERT_TRUE(store_->log().append(team_.team_id, std::vector{known}));
  EXPECT_EQ(post({loose, event({.id = std::string(kId2)})}).body, results({duplicate(kId1), success(kId2)}));
  const std::string other = event({.payload = R"({"wp_id":8})"});
  EXPECT_NE(post({other}).body.find("event_id_conflict"), std::string::npos);
  EXPECT_EQ(stored().size(), 2u);
}

TEST_F(IngestTest, ARefusedEventDoesNotMakeItsIdKnown) {
  EXPECT_NE(post({event({.payload = R"({"wp_id":7})"}), event()}).body.find(success(kId1)),
            std::string::npos);
  EXPECT_EQ(stored().size(), 1u);
}

TEST_F(IngestTest, WhatAProxyMayChangeIsTheSameContent) {
  post({event({.extra = R"(,"note":"é/1")"})});
  std::string changed = event({.extra = R"(, "note" : "\u00e9\/1")"});
  changed.insert(1, R"("type":"event", )");
  EXPECT_EQ(post({changed}).body, results({duplicate(kId1)}));
}

TEST_F(IngestTest, TheSameIdTwiceInOneBatchIsStoredOnce) {
  EXPECT_EQ(post({event(), event()}).body, results({success(kId1), duplicate(kId1)}));
  EXPECT_EQ(stored().size(), 1u);
}

TEST_F(IngestTest, TheSameIdWithOtherContentIsAConflict) {
  const auto answer = post({event({.lamport = "7"}), event({.lamport = "8"})});
  EXPECT_EQ(answer.body,
            results({success(kId1),
                     fmt::format(R"({{"event_id":"{}","status":"error","error_message":"event_id: )"
                                 R"(invalid, as the team has an event with this id and different content",)"
                                 R"("error_category":"event_id_conflict"}})",
                                 kId1)}));
  EXPECT_EQ(stored().size(), 1u);
  EXPECT_TRUE(post({event({.lamport = "9"})}).body.find("event_id_conflict") != std::string::npos);
}

TEST_F(IngestTest, AnIdIsEchoedAsItWasSentAndKnownInEverySpelling) {
  std::string lower(kId1);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  EXPECT_EQ(post({event({.id = lower})}).body, results({success(lower)}));
  EXPECT_EQ(post({event()}).body, results({duplicate(kId1)}));
  const std::string uuid = "6BA7B810-9DAD-11D1-80B4-00C04FD430C8";
  EXPECT_EQ(post({event({.id = uuid})}).body, results({success(uuid)}));
  ASSERT_EQ(stored().size(), 2u);
  EXPECT_EQ(stored()[0].event_id, kId1);
  EXPECT_EQ(stored()[1].event_id, "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
}

TEST_F(IngestTest, AnElementThatIsNotJsonHarmsNoNeighbour) {
  EXPECT_TRUE(is_refusal(verdict_between_good_ones("nonsense"), "null", "malformed"));
}

TEST_F(IngestTest, AnElementThatIsNotUtf8HarmsNoNeighbour) {
  const std::string bad = event({.id = std::string(kId3), .extra = ",\"note\":\"\xff\""});
  EXPECT_TRUE(is_refusal(verdict_between_good_ones(bad), fmt::format("\"{}\"", kId3), "malformed"));
}

TEST_F(IngestTest, AnElementThatIsNoObjectIsRefusedAlone) {
  EXPECT_TRUE(is_refusal(verdict_between_good_ones("[1]"), "null", "malformed"));
}

TEST_F(IngestTest, DuplicateKeysAreRefusedAtAnyDepth) {
  const std::string bad =
      event({.id = std::string(kId3),
             .payload = R"({"wp_id":"WP01","from_lane":"planned","to_lane":"done","x":{"a":1,"a":1}})"});
  const std::string verdict = verdict_between_good_ones(bad);
  EXPECT_TRUE(is_refusal(verdict, fmt::format("\"{}\"", kId3), "malformed")) << verdict;
  EXPECT_NE(verdict.find("duplicate key"), std::string::npos);
}

TEST_F(IngestTest, NestingWithoutEndIsRefusedAlone) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_TRUE(
      is_refusal(verdict_between_good_ones(event({.id = std::string(kId3), .extra = R"(,"deep":)" + deep})),
                 fmt::format("\"{}\"", kId3), "malformed"));
}

TEST_F(IngestTest, APayloadThatBreaksItsSchemaIsRefusedWithItsPath) {
  const std::string bad =
      event({.id = std::string(kId3), .payload = R"({"from_lane":"planned","to_lane":"in_progress"})"});
  const std::string verdict = verdict_between_good_ones(bad);
  EXPECT_TRUE(is_refusal(verdict, fmt::format("\"{}\"", kId3), "schema_mismatch")) << verdict;
  EXPECT_NE(verdict.find("\"payload.wp_id: "), std::string::npos) << verdict;
}

TEST_F(IngestTest, AFieldOfTheWrongTypeIsRefused) {
  for (const char* bad : {"true", "\"5\"", "5.5", "-1"}) {
    const auto answer = post({event({.lamport = bad})});
    EXPECT_NE(answer.body.find(R"("error_message":"lamport_clock: )"), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find("schema_mismatch"), std::string::npos) << bad;
  }
  EXPECT_TRUE(stored().empty());
}

TEST_F(IngestTest, AnIdThatIsNoneIsRefusedAndEchoed) {
  const auto answer = post({event({.id = "not-an-id"})});
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find(R"({"event_id":"not-an-id","status":"error","error_message":"event_id: )"),
            std::string::npos)
      << answer.body;
}

TEST_F(IngestTest, AWordOfTheHubIsRefused) {
  EXPECT_NE(post({event({.extra = R"(,"seq":1)"})}).body.find("schema_mismatch"), std::string::npos);
}

TEST_F(IngestTest, AClockAboveTheCeilingIsRefusedBeforeAnythingIsStored) {
  const std::uint64_t ceiling = protocol::lamport_ceiling(kNowMs / 1000);
  EXPECT_EQ(post({event({.lamport = std::to_string(ceiling)})}).body, results({success(kId1)}));
  const auto answer = post({event({.id = std::string(kId2), .lamport = std::to_string(ceiling + 1)})});
  EXPECT_NE(answer.body.find(R"("error_category":"clock_out_of_range")"), std::string::npos) << answer.body;
  EXPECT_EQ(stored().size(), 1u);
  EXPECT_EQ(header(answer, "X-Pawprint-Clock"), "0");  // one poisoned clock is nobody else's
  clock_.jump_wall_ms(1000);
  EXPECT_EQ(post({event({.id = std::string(kId2), .lamport = std::to_string(ceiling + 1)})}).body,
            results({success(kId2)}));
}

TEST_F(IngestTest, AnEventAboveItsLimitIsRefusedAlone) {
  const auto padded = [](std::string_view id, std::size_t bytes) {
    const std::size_t empty = event({.id = std::string(id), .extra = R"(,"pad":"")"}).size();
    return event({.id = std::string(id), .extra = R"(,"pad":")" + std::string(bytes - empty, 'x') + "\""});
  };
  EXPECT_EQ(post({padded(kId3, protocol::max_bytes_per_event)}).body, results({success(kId3)}));
  const auto answer =
      post({padded(kId1, protocol::max_bytes_per_event + 1), event({.id = std::string(kId2)})});
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find(R"("error_category":"too_large")"), std::string::npos);
  EXPECT_TRUE(
      answer.body.starts_with(fmt::format(R"({{"results":[{{"event_id":"{}","status":"error")", kId1)));
  EXPECT_TRUE(answer.body.ends_with(success(kId2) + "]}"));
}

TEST_F(IngestTest, AnEventForAnotherTeamIsRefusedAlone) {
  const std::string verdict = verdict_between_good_ones(event({.id = std::string(kId3), .team = "other"}));
  EXPECT_TRUE(is_refusal(verdict, fmt::format("\"{}\"", kId3), "cross_tenant")) << verdict;
}

TEST_F(IngestTest, ABatchThatIsWhollyForOtherTeamsIsA403WithOneVerdictEach) {
  const auto answer = post({event({.team = "other"}), event({.id = std::string(kId2), .team = "third"})});
  EXPECT_EQ(answer.status, 403);
  EXPECT_TRUE(answer.body.starts_with(R"({"error":")")) << answer.body;
  EXPECT_NE(answer.body.find(
                fmt::format(R"(,"error_category":"cross_tenant","results":[{{"event_id":"{}",)", kId1)),
            std::string::npos);
  EXPECT_NE(answer.body.find(fmt::format(R"({{"event_id":"{}","status":"error")", kId2)), std::string::npos);
  EXPECT_TRUE(stored().empty());
}

TEST_F(IngestTest, WhetherAnotherTeamHasAnEventOrIsThereAtAllIsNotToBeLearned) {
  const Caller other{make_team("other").team_id, "other", "user", "member"};
  const std::string theirs = event({.team = "other"});
  ASSERT_EQ(ingest_->batch(other, frame({theirs})).status, 200);
  const auto known_there = post({theirs});
  EXPECT_EQ(known_there.status, 403);
  EXPECT_EQ(known_there.body,
            post({event({.team = "other", .payload = R"({"wp_id":"WP01","title":"Another"})"})}).body)
      << "the same id with another content";
  std::string of_no_team = post({event({.team = "third"})}).body;
  for (std::size_t at = 0; (at = of_no_team.find("third")) != std::string::npos;)
    of_no_team.replace(at, 5, "other");
  EXPECT_EQ(known_there.body, of_no_team);
  EXPECT_EQ(post({event()}).body, results({success(kId1)})) << "the id is free in every other team";
}

TEST_F(IngestTest, AnIdThatIsNoTextIsEchoedAsItWasSent) {
  for (const std::string_view id : {"5", "-0.50e2", "true", "false", "123456789012345678901234567890"}) {
    std::string odd = event();
    const std::string quoted = fmt::format("\"{}\"", kId1);
    odd.replace(odd.find(quoted), quoted.size(), id);
    const auto answer = post({odd});
    EXPECT_TRUE(answer.body.starts_with(fmt::format(R"({{"results":[{{"event_id":{},"status":"error")", id)))
        << answer.body;
  }
  for (const std::string_view id : {"null", "[5]", R"({"a":5})", "5x", "01", "\xff", ""}) {
    const auto answer = post({fmt::format(R"({{"event_id":{},"event_type":"x"}})", id)});
    EXPECT_TRUE(answer.body.starts_with(R"({"results":[{"event_id":null,"status":"error")")) << answer.body;
  }
}

TEST_F(IngestTest, AnEventThatNamesNoTeamIsTheTokensTeams) {
  EXPECT_EQ(post({event({.team = "local"})}).body, results({success(kId1)}));
}

TEST_F(IngestTest, TypesThatTheHubDoesNotKnowAreStored) {
  EXPECT_EQ(post({event({.payload = R"({"anything":[1,{}]})", .type = "DeployFinished"})}).body,
            results({success(kId1)}));
}

TEST_F(IngestTest, AnEventOfTheThirdGenerationIsStoredUnchecked) {
  const std::string odd =
      R"({"event_id":"01HX0000000000000000000009","schema_version":"3.0.0","timestamp":"2026-02-03T12:00:00+02:00"})";
  EXPECT_EQ(post({odd}).body, results({success("01HX0000000000000000000009")}));
  EXPECT_EQ(stored().front().body, odd);
  EXPECT_EQ(post({event({.payload = R"({"wp_id":5})", .extra = R"(,"schema_version":"3.0.0")"})}).body,
            results({success(kId1)}));
}

TEST_F(IngestTest, AnEventOfTheFirstGenerationIsCheckedByItsOwnRules) {
  EXPECT_EQ(
      post({event({.payload = R"({"wp_id":"WP01","previous_status":"planned","new_status":"doing"})"})}).body,
      results({success(kId1)}));
}

TEST_F(IngestTest, TheLimitOfEventsIsExact) {
  std::vector<std::string> events;
  for (int i = 0; i < 1000; ++i)
    events.push_back(event({.id = fmt::format("01HX000000000000000000{:04}", i)}));
  const auto taken = post(events);
  EXPECT_EQ(taken.status, 200);
  EXPECT_EQ(stored().size(), 1000u);
  events.push_back(event({.id = "01HX0000000000000000009999"}));
  const auto refused = post(events);
  EXPECT_EQ(refused.status, 413);
  EXPECT_NE(refused.body.find(R"("limits":{"max_events_per_batch":1000,)"), std::string::npos)
      << refused.body;
  EXPECT_EQ(stored().size(), 1000u);
}

TEST_F(IngestTest, ABodyAboveTheLimitOfBytesIsRefused) {
  std::string body = frame({event()});
  body.append(protocol::max_decompressed_bytes_per_batch - body.size(), ' ');
  EXPECT_EQ(ingest_->batch(caller_, body).status, 200);
  EXPECT_EQ(ingest_->batch(caller_, body + " ").status, 413);
}

TEST_F(IngestTest, AFrameThatCannotBeCutIsA400) {
  const auto answer = ingest_->batch(caller_, R"({"events":[{"a":1})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.body.starts_with(R"({"error":")") && answer.body.ends_with(R"(","details":[]})"))
      << answer.body;
}

TEST_F(IngestTest, AViewerMayNotWrite) {
  caller_.role = "viewer";
  const auto answer = post({event()});
  EXPECT_EQ(answer.status, 403);
  EXPECT_NE(answer.body.find(R"("error_category":"forbidden")"), std::string::npos) << answer.body;
  EXPECT_TRUE(stored().empty());
}

TEST_F(IngestTest, ATeamOverItsQuotaIsToldWhenToComeBackAndNoOtherIs) {
  ingest_.emplace(*store_, clock_, QuotaLimits{.events_per_second = 1, .burst_events = 2});
  const std::vector<std::string> two = {event({.id = std::string(kId1)}), event({.id = std::string(kId2)})};
  EXPECT_EQ(post(two).status, 200);
  const auto refused = post(two);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header(refused, "Retry-After"), "2");
  EXPECT_NE(refused.body.find(R"("limits":{)"), std::string::npos) << refused.body;
  EXPECT_EQ(refused.body.find("results"), std::string::npos);
  const Caller other{make_team("other").team_id, "other", "user", "member"};
  EXPECT_EQ(ingest_->batch(other, frame({event({.team = "other"})})).status, 200);
  EXPECT_EQ(post({}).body, results({}));  // a ping
  clock_.advance_ms(2000);
  EXPECT_EQ(post(two).body, results({duplicate(kId1), duplicate(kId2)}));
}

TEST_F(IngestTest, TheTeamIsTheTokensWhateverTheBodySays) {
  const auto other = make_team("other");
  post({event({.team = "other"})});
  EXPECT_TRUE(store_->log().read(other.team_id, 0, 10)->empty());
}

TEST_F(IngestTest, WhatCameOneByOneIsNeverCut) {
  const std::string first = event({.id = std::string(kId1)}), second = event({.id = std::string(kId2)});
  for (const std::string& text :
       {first + "," + second, first + ",", first + R"(,"x")", first + R"(],"x":[1)"}) {
    const auto answer =
        ingest_->one_by_one(caller_, std::vector{text, event({.id = std::string(kId3)}), text});
    ASSERT_EQ(answer.verdicts.size(), 3U) << text;
    EXPECT_EQ(answer.verdicts[0].error_category, "malformed") << text;
    EXPECT_EQ(answer.verdicts[1].error_category, "") << text;
    EXPECT_EQ(answer.verdicts[2].error_category, "malformed") << text;
    EXPECT_EQ(stored().size(), 1U) << text;
  }
  EXPECT_EQ(stored().front().body, event({.id = std::string(kId3)}));
  // Between the brackets of a batch these are two.
  EXPECT_EQ(post({first + "," + second}).body, results({success(kId1), success(kId2)}));
}

TEST_F(IngestTest, AStoreThatFailsAcknowledgesNothing) {
  {
    auto database = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->no_checkpoint_on_close());
    ASSERT_TRUE(
        database->execute("CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.event_id LIKE '%2' "
                          "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"));
  }
  const auto answer = post({event({.id = std::string(kId1)}), event({.id = std::string(kId2)})});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(header(answer, "Retry-After"), "1");
  EXPECT_EQ(answer.body.find("results"), std::string::npos);
  EXPECT_TRUE(stored().empty());
  EXPECT_EQ(post({event({.id = std::string(kId1)})}).body, results({success(kId1)}));
}

}  // namespace
}  // namespace pawprint::hub::ingest
