#include "protocol/batch.h"

#include <gtest/gtest.h>

#include "protocol/limits.h"

namespace pawprint::protocol {
namespace {

TEST(BatchRequest, HoldsTheEventsAsTheyAre) {
  const std::vector<std::string> events = {"{ \"a\":1 }", "{}"};
  EXPECT_EQ(write_batch(events), "{\"events\":[{ \"a\":1 },{}]}");
  EXPECT_EQ(write_batch({}), "{\"events\":[]}");
}

TEST(Verdicts, AreWrittenInOrderWithReasonsForErrorsOnly) {
  const std::vector<Verdict> verdicts = {
      {.event_id = "01hx", .status = VerdictStatus::success, .error_message = "", .error_category = ""},
      {.event_id = "a\"b", .status = VerdictStatus::duplicate, .error_message = "", .error_category = ""},
      {.event_id = std::nullopt,
       .status = VerdictStatus::error,
       .error_message = "event_id: missing field",
       .error_category = "schema_mismatch"}};
  EXPECT_EQ(write_verdicts(verdicts),
            R"({"results":[{"event_id":"01hx","status":"success"},{"event_id":"a\"b","status":"duplicate"},)"
            R"({"event_id":null,"status":"error","error_message":"event_id: missing field",)"
            R"("error_category":"schema_mismatch"}]})");
  EXPECT_EQ(write_verdicts({}), "{\"results\":[]}");
}

TEST(Verdicts, AreReadBackAsTheyWereWritten) {
  const std::vector<Verdict> sent = {
      {.event_id = "01HX", .status = VerdictStatus::success, .error_message = "", .error_category = ""},
      {.event_id = std::nullopt,
       .status = VerdictStatus::error,
       .error_message = "m \x01",
       .error_category = "c"}};
  const auto read = read_verdicts(write_verdicts(sent));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].event_id, "01HX");
  EXPECT_EQ((*read)[0].status, VerdictStatus::success);
  EXPECT_EQ((*read)[1].event_id, std::nullopt);
  EXPECT_EQ((*read)[1].error_message, "m \x01");
  EXPECT_EQ((*read)[1].error_category, "c");
}

TEST(Verdicts, RejectedIsAnError) {
  const auto read =
      read_verdicts(R"({"results":[{"event_id":"x","status":"rejected","error_message":"no"}],"more":1})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at(0).status, VerdictStatus::error);
  EXPECT_EQ(read->at(0).error_category, "");
}

TEST(Verdicts, AWordThatIsNoVerdictSettlesNothing) {
  const auto read = read_verdicts(
      R"({"results":[{"event_id":"a","status":"queued"},{"event_id":"b"},7,{"event_id":"c","status":"success"}]})");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->at(0).event_id, "c");
}

TEST(Verdicts, AnAnswerWithoutResultsIsRefused) {
  for (const std::string_view body :
       {"", "<html>", "[]", "{}", R"({"results":{}})", R"({"results":null})", R"({"results":[)"}) {
    const auto read = read_verdicts(body);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().kind, ErrorKind::invalid);
  }
}

TEST(Limits, AreReadFromAHealthAnswerAndFromARefusal) {
  IngressLimits limits = default_limits();
  limits.max_events_per_batch = 10;
  limits.max_bytes_per_event = 77;
  const std::string text = write_limits(limits);
  for (const std::string& body :
       {"{\"sync_ingress\":{\"limits\":" + text + "}}", "{\"error\":\"x\",\"limits\":" + text + "}"}) {
    const auto read = read_limits(body);
    ASSERT_TRUE(read) << body;
    EXPECT_EQ(read->max_events_per_batch, 10U);
    EXPECT_EQ(read->max_bytes_per_event, 77U);
    EXPECT_EQ(read->max_bytes_per_batch, max_bytes_per_batch);
  }
}

TEST(Limits, AreWrittenAsDocumented) {
  EXPECT_EQ(
      write_limits(default_limits()),
      R"({"max_events_per_batch":1000,"max_bytes_per_batch":1048576,)"
      R"("max_decompressed_bytes_per_batch":8388608,"max_bytes_per_event":262144,"retry_after_min_seconds":1})");
}

TEST(Limits, MissingOnesAreTheDefaultsAndWrongOnesCountAsNone) {
  const auto partly = read_limits(R"({"limits":{"max_events_per_batch":5,"other":"x"}})");
  ASSERT_TRUE(partly);
  EXPECT_EQ(partly->max_events_per_batch, 5U);
  EXPECT_EQ(partly->max_bytes_per_event, max_bytes_per_event);
  for (const std::string_view body :
       {"", "{}", "[]", R"({"limits":5})", R"({"limits":{"max_events_per_batch":0}})",
        R"({"limits":{"max_events_per_batch":-1}})", R"({"limits":{"max_events_per_batch":"5"}})",
        R"({"limits":{"max_events_per_batch":1.5}})", R"({"sync_ingress":{}})"}) {
    EXPECT_FALSE(read_limits(body)) << body;
  }
}

}  // namespace
}  // namespace pawprint::protocol
