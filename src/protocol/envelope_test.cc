#include "protocol/envelope.h"

#include <gtest/gtest.h>

#include "protocol/json.h"

namespace pawprint::protocol {
namespace {

Envelope sample() {
  Envelope envelope;
  envelope.event_id = "01HX0000000000000000000ABC";
  envelope.event_type = "WPStatusChanged";
  envelope.aggregate_id = "WP01";
  envelope.aggregate_type = "WorkPackage";
  envelope.payload = R"({ "wp_id":"WP01",  "from_lane":"planned","to_lane":"in_progress","n":1.50 })";
  envelope.node_id = "a1b2c3d4e5f6";
  envelope.lamport_clock = 42;
  envelope.correlation_id = "01HX0000000000000000000ABD";
  envelope.timestamp = "2026-02-03T12:00:00.000Z";
  envelope.team_slug = "local";
  envelope.project_uuid = "550e8400-e29b-41d4-a716-446655440000";
  envelope.git_branch = "feature/\"quoted\"";
  return envelope;
}

TEST(EnvelopeWriter, WritesTheFieldsInOrderAndThePayloadAsItIs) {
  EXPECT_EQ(
      write_envelope(sample()),
      R"({"event_id":"01HX0000000000000000000ABC","event_type":"WPStatusChanged","aggregate_id":"WP01",)"
      R"("aggregate_type":"WorkPackage",)"
      R"("payload":{ "wp_id":"WP01",  "from_lane":"planned","to_lane":"in_progress","n":1.50 },)"
      R"("node_id":"a1b2c3d4e5f6","lamport_clock":42,"causation_id":null,)"
      R"("correlation_id":"01HX0000000000000000000ABD","timestamp":"2026-02-03T12:00:00.000Z",)"
      R"("team_slug":"local","project_uuid":"550e8400-e29b-41d4-a716-446655440000","project_slug":null,)"
      R"("git_branch":"feature/\"quoted\"","head_commit_sha":null,"repo_slug":null,"schema_version":"2.0"})");
}

TEST(EnvelopeWriter, StaysOnOneLineWhenThePayloadIsPrettyPrinted) {
  Envelope envelope = sample();
  envelope.payload = "{\r\n  \"note\": \"a\\nb\"\n}";
  const std::string line = write_envelope(envelope);
  EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos);
  const auto read = read_envelope(line);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->payload, "{    \"note\": \"a\\nb\" }");
}

TEST(EnvelopeWriter, WhatIsWrittenIsReadBack) {
  Envelope envelope = sample();
  envelope.causation_id = "550e8400-e29b-11d4-a716-446655440000";
  envelope.lamport_clock = 18446744073709551615U;
  envelope.project_slug = "né \\ \x01";
  envelope.head_commit_sha = std::string(40, 'a');
  envelope.repo_slug = "owner/repo";
  const auto read = read_envelope(write_envelope(envelope));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(write_envelope(*read), write_envelope(envelope));
  EXPECT_EQ(read->lamport_clock, envelope.lamport_clock);
  EXPECT_EQ(read->project_slug, envelope.project_slug);
  EXPECT_EQ(read->causation_id, envelope.causation_id);
}

TEST(EnvelopeWriter, AnUnknownSchemaVersionIsNotInvented) {
  Envelope envelope = sample();
  envelope.schema_version.clear();
  const std::string text = write_envelope(envelope);
  EXPECT_EQ(text.find("schema_version"), std::string::npos);
  const auto read = read_envelope(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->schema_version, "");
}

}  // namespace
}  // namespace pawprint::protocol
