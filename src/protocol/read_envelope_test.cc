#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/format.h"
#include "protocol/envelope.h"

namespace pawprint::protocol {
namespace {

constexpr std::string_view kEvent =
    R"({"event_id":"01hx0000000000000000000abc","event_type":"WPCreated","aggregate_id":"WP01",)"
    R"("aggregate_type":"WorkPackage","payload":{"wp_id":"WP01","title":"a } \" ] b","feature_slug":"001-a"},)"
    R"("node_id":"a1b2c3d4e5f6","lamport_clock":7,"causation_id":"550E8400E29B11D4A716446655440000",)"
    R"("correlation_id":null,"timestamp":"2026-02-03T12:00:00.123456+00:00","team_slug":"acme",)"
    R"("project_uuid":"550E8400-E29B-41D4-A716-446655440000","project_slug":"my-project","extra":{"any":[1]}})";

// The event with one field replaced, or taken out when `token` is empty.
std::string with(std::string_view name, std::string_view token) {
  auto event = boost::json::parse(kEvent).as_object();
  event.erase(name);
  if (!token.empty()) event[name] = boost::json::parse(token);
  return boost::json::serialize(event);
}

std::string path_refused(std::string_view json) {
  const auto read = read_envelope(json);
  if (read) return "accepted";
  EXPECT_EQ(read.error().kind, ErrorKind::invalid);
  EXPECT_EQ(read.error().message.find(read.error().path), 0U) << read.error().message;
  return read.error().path;
}

TEST(EnvelopeReader, ReadsAnEventAndNormalisesItsIds) {
  const auto read = read_envelope(kEvent);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->event_id, "01HX0000000000000000000ABC");
  EXPECT_EQ(read->causation_id, "550e8400-e29b-11d4-a716-446655440000");
  EXPECT_EQ(read->correlation_id, std::nullopt);
  EXPECT_EQ(read->project_uuid, "550e8400-e29b-41d4-a716-446655440000");
  EXPECT_EQ(read->payload, R"({"wp_id":"WP01","title":"a } \" ] b","feature_slug":"001-a"})");
  EXPECT_EQ(read->lamport_clock, 7U);
  EXPECT_EQ(read->git_branch, std::nullopt);
  EXPECT_EQ(read->schema_version, "");
}

TEST(EnvelopeReader, ThePayloadIsTheExactSlice) {
  for (const std::string_view payload : {"{}", "{ }", "{\n\t\"a\" : [ 1 , {\"b\":\"}]\\\\\\\"\"} ]\r\n}",
                                         R"({"payload":{"payload":1e400}})"}) {
    std::string json = " {\"p\":\"{\\\"payload\\\":1}\",\"q\":[{\"payload\":2}], \"\\u0070ayload\" : ";
    json += payload;
    json +=
        " ,\"event_id\":\"01HX0000000000000000000ABC\",\"event_type\":\"Mine\",\"aggregate_id\":\"x\","
        "\"aggregate_type\":\"Mine\",\"node_id\":\"n\",\"lamport_clock\":0,"
        "\"timestamp\":\"2026-02-03T12:00:00Z\",\"team_slug\":\"local\"} ";
    const auto read = read_envelope(json);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->payload, payload);
  }
}

TEST(EnvelopeReader, NamesTheFieldThatIsMissing) {
  for (const std::string_view name : {"event_id", "event_type", "aggregate_id", "aggregate_type", "payload",
                                      "node_id", "lamport_clock", "timestamp", "team_slug"}) {
    EXPECT_EQ(path_refused(with(name, "")), name);
  }
  for (const std::string_view name :
       {"causation_id", "correlation_id", "project_uuid", "project_slug", "extra"}) {
    EXPECT_EQ(path_refused(with(name, "")), "accepted") << name;
  }
}

TEST(EnvelopeReader, NamesTheFieldThatIsWrong) {
  for (const std::string_view name :
       {"event_id", "event_type", "aggregate_id", "aggregate_type", "node_id"}) {
    for (const std::string_view token : {"null", "1", "true", "[]", "{}", "\"\""}) {
      EXPECT_EQ(path_refused(with(name, token)), name) << token;
    }
  }
  for (const std::string_view name : {"project_slug", "git_branch", "head_commit_sha", "repo_slug",
                                      "causation_id", "correlation_id", "project_uuid"}) {
    EXPECT_EQ(path_refused(with(name, "null")), "accepted") << name;
    for (const std::string_view token : {"1", "true", "[]", "{}"}) {
      EXPECT_EQ(path_refused(with(name, token)), name) << token;
    }
  }
  for (const std::string_view token : {"null", "[]", "\"{}\"", "1"}) {
    EXPECT_EQ(path_refused(with("payload", token)), "payload") << token;
  }
  EXPECT_EQ(path_refused(with("event_id", "\"WP01\"")), "event_id");
  EXPECT_EQ(path_refused(with("causation_id", "\"WP01\"")), "causation_id");
  EXPECT_EQ(path_refused(with("schema_version", "2")), "schema_version");
  EXPECT_EQ(path_refused(with("project_uuid", "\"550e8400-e29b-11d4-a716-446655440000\"")), "project_uuid");
}

TEST(EnvelopeReader, TheLamportValueIsARealInteger) {
  for (const std::string_view token :
       {"true", "\"5\"", "5.5", "5.0", "1e3", "-1", "null", "18446744073709551616", "1e400"}) {
    std::string json(kEvent);
    json.replace(json.find("\"lamport_clock\":7") + 16, 1, token);
    EXPECT_EQ(path_refused(json), "lamport_clock") << token;
  }
  EXPECT_EQ(read_envelope(with("lamport_clock", "18446744073709551615"))->lamport_clock,
            18446744073709551615U);
  EXPECT_EQ(read_envelope(with("lamport_clock", "0"))->lamport_clock, 0U);
}

TEST(EnvelopeReader, TheTimestampIsADateInUtc) {
  for (const std::string_view good : {"\"2026-02-03T12:00:00Z\"", "\"2026-02-03t12:00:00.5z\"",
                                      "\"2024-02-29T23:59:60+00:00\"", "\"2026-02-03T12:00:00-00:00\""}) {
    EXPECT_EQ(path_refused(with("timestamp", good)), "accepted") << good;
  }
  for (const std::string_view bad :
       {"\"\"", "\"2026-02-03\"", "\"2026-02-03T12:00:00\"", "\"2026-02-30T12:00:00Z\"",
        "\"2026-02-03T24:00:00Z\"", "\"2026-02-03T12:00:61Z\"", "\"2026-02-03T12:00:00.Z\"",
        "\"2026-02-03T12:00:00+02:00\"", "\"2026-02-03T12:00:00Z\\n\"", "\"2026-2-3T12:00:00Z\"",
        "\"yesterday, about noon it was\"", "1770120000"}) {
    EXPECT_EQ(path_refused(with("timestamp", bad)), "timestamp") << bad;
  }
}

TEST(EnvelopeReader, TheWordsOfTheHubAreRefusedAtTheTopOnly) {
  for (const std::string_view word : {"seq", "cursor", "received_at"}) {
    EXPECT_EQ(path_refused(with(word, "1")), word);
    EXPECT_EQ(path_refused(with(word, "null")), word);
  }
  EXPECT_EQ(path_refused(with("payload", R"({"seq":1,"cursor":2,"received_at":3})")), "accepted");
}

TEST(EnvelopeReader, WhatIsNoObjectHasNoPath) {
  for (const std::string_view json : {"", "[]", "\"x\"", "null", "{", "{} {}", "\xFF"}) {
    const auto read = read_envelope(json);
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().path, "") << json;
  }
  EXPECT_EQ(read_envelope("{\n\"a\":\n!}").error().line, 3);
}

TEST(EnvelopeReader, EveryTruncationIsRefused) {
  for (std::size_t length = 0; length < kEvent.size(); ++length) {
    // A copy of exactly this size, so that a sanitizer sees a read behind its end.
    const std::vector<char> cut(kEvent.begin(), kEvent.begin() + static_cast<std::ptrdiff_t>(length));
    ASSERT_FALSE(read_envelope(std::string_view(cut.data(), cut.size()))) << length;
  }
}

TEST(EnvelopeReader, EveryFlippedByteIsAnAnswer) {
  for (std::size_t at = 0; at < kEvent.size(); ++at) {
    for (const char byte : {'"', '\\', '{', '}', '\0', '\xFF', ',', '0'}) {
      std::string damaged(kEvent);
      damaged[at] = byte;
      const auto read = read_envelope(damaged);
      ASSERT_TRUE(read || !read.error().message.empty());
    }
  }
}

TEST(EnvelopeReader, AFirstGenerationEventHasNoTeam) {
  constexpr std::string_view kOld =
      R"({"event_id":"01HX0000000000000000000ABC","event_type":"WPStatusChanged","aggregate_id":"WP01",)"
      R"("payload":{"wp_id":"WP01","previous_status":"planned","new_status":"doing"},"node_id":"n",)"
      R"("lamport_clock":1,"timestamp":"2026-02-03T12:00:00Z"})";
  const auto read = read_envelope(kOld);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->team_slug, "");
  EXPECT_EQ(read->aggregate_type, "");
}

TEST(EnvelopeReader, AThirdGenerationEventNeedsItsIdAlone) {
  EXPECT_TRUE(read_envelope(R"({"schema_version":"3.0.0","event_id":"01HX0000000000000000000ABC"})"));
  EXPECT_EQ(path_refused(R"({"schema_version":"3.0.0","event_id":"x"})"), "event_id");
  EXPECT_EQ(path_refused(
                R"({"schema_version":"3.0.0","event_id":"01HX0000000000000000000ABC","lamport_clock":"1"})"),
            "lamport_clock");
}

// Its own rules are not known here; what the hub reckons with must be what it says.
TEST(EnvelopeReader, OfAThirdGenerationEventTypesAreCheckedAndFormsAreNot) {
  const auto with = [](std::string_view field) {
    return fmt::format(R"({{"schema_version":"3.0.0","event_id":"01HX0000000000000000000ABC",{}}})", field);
  };
  for (const char* field :
       {R"("timestamp":"2026-02-03T12:00:00+02:00")", R"("timestamp":"yesterday")", R"("timestamp":"")",
        R"("causation_id":"build-7")", R"("correlation_id":"")", R"("project_uuid":"p")", R"("node_id":"")",
        R"("event_type":"")", R"("aggregate_id":"")", R"("aggregate_type":"")"}) {
    const auto read = read_envelope(with(field));
    EXPECT_TRUE(read) << field << (read ? "" : read.error().message);
  }
  for (const char* name : {"timestamp", "causation_id", "correlation_id", "project_uuid", "node_id",
                           "event_type", "aggregate_id", "aggregate_type", "team_slug", "lamport_clock"}) {
    EXPECT_EQ(path_refused(with(fmt::format(R"("{}":[5])", name))), name);
  }
  for (const char* name : {"lamport_clock", "seq", "cursor", "received_at"}) {
    EXPECT_EQ(path_refused(with(fmt::format(R"("{}":-1)", name))), name);
  }
}

}  // namespace
}  // namespace pawprint::protocol
