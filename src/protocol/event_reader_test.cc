#include "protocol/event_reader.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "protocol/canonical.h"
#include "protocol/check_event.h"

namespace pawprint::protocol {
namespace {

std::string an_event() {
  Envelope envelope;
  envelope.event_id = "01KGJX5B3V9M3S4T5V6W7X8Y9Z";
  envelope.event_type = "WPStatusChanged";
  envelope.aggregate_id = "WP01";
  envelope.aggregate_type = "WorkPackage";
  envelope.payload = R"({"wp_id":"WP01","from_lane":"planned","to_lane":"doing","n":[1.50,{"\u00e9":"\n"}]})";
  envelope.node_id = "a1b2c3d4e5f6";
  envelope.lamport_clock = 7;
  envelope.causation_id = "550e8400-e29b-11d4-a716-446655440000";
  envelope.timestamp = "2026-02-03T12:00:00.000Z";
  envelope.team_slug = "acme";
  envelope.project_uuid = "550e8400-e29b-41d4-a716-446655440000";
  return write_envelope(envelope);
}

// What the parts say that parse an event each for itself.
std::string alone(const std::string& json) {
  const auto envelope = read_envelope(json);
  if (!envelope) return envelope.error().message;
  if (const auto fits = check_event(*envelope); !fits) return fits.error().message;
  Envelope without_payload = *envelope;
  without_payload.payload = "{}";
  return write_envelope(without_payload) + *canonical_form(json);
}

std::string together(EventReader& reader, const std::string& json, const std::string& canonical) {
  auto read = reader.read(json);
  if (!read) return read.error().message;
  if (const auto fits = check_event(*read); !fits) return fits.error().message;
  read->envelope.payload = "{}";
  return write_envelope(read->envelope) + (canonical.empty() ? std::string(read->canonical) : canonical);
}

// Every text must give the same envelope, the same canonical form or the same words of refusal, whatever the
// readers had before.
class EventReaderTest : public testing::Test {
 protected:
  void same(const std::string& json) {
    const std::string expected = alone(json);
    EXPECT_EQ(together(with_canonical_, json, ""), expected) << json;
    const auto canonical = canonical_form(json);
    EXPECT_EQ(together(fields_alone_, json, canonical ? *canonical : "none"), expected) << json;
  }

  EventReader with_canonical_{EventReader::Canonical::wanted};
  EventReader fields_alone_{EventReader::Canonical::unwanted};
};

TEST_F(EventReaderTest, SaysOfEveryDamagedEventWhatTheOthersSay) {
  const std::string good = an_event();
  same(good);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char c : {'"', '{', ']', '1', 'A', '\\', '\xFF'}) {
      std::string damaged = good;
      damaged[at] = c;
      same(damaged);
    }
    same(good.substr(0, at));
  }
}

TEST_F(EventReaderTest, RefusesAKeyThatComesTwiceAtAnyDepth) {
  const std::string good = an_event();
  same(std::string(good).insert(1, R"("event_id":"x",)"));
  same(std::string(good).replace(good.find(R"("n":)"), 4, R"("wp_id":)"));
  same(std::string(good).replace(good.find(R"({"\u00e9")"), 9, R"({"a":1,"\u0061")"));
}

TEST_F(EventReaderTest, ReadsAnEventThatNeedsMoreMemoryThanIsKept) {
  const std::string good = an_event();
  std::string many = R"("own":[)";
  for (int i = 0; i < 20'000; ++i) many += fmt::format("{{\"k{}\":{}}},", i, i);
  same(std::string(good).insert(1, many + "0],"));
  same(good);
}

TEST_F(EventReaderTest, AsksForNoMoreMemoryHoweverManyLargeEventsItHasRead) {
  const std::string large =
      std::string(an_event()).insert(1, fmt::format(R"("own":"{}",)", std::string(100'000, 'x')));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(fields_alone_.read(large));
}

TEST_F(EventReaderTest, ReadsEventsOfOlderClients) {
  same(R"({"event_id":"01kgjx5b3v9m3s4t5v6w7x8y9z","schema_version":"3.0.0"})");
  same(R"({"event_id":"01KGJX5B3V9M3S4T5V6W7X8Y9Z","event_type":"Own","aggregate_id":"a","payload":{},)"
       R"("node_id":"n","lamport_clock":0,"timestamp":"2026-02-03T12:00:00Z"})");
  same("[]");
  same("");
}

}  // namespace
}  // namespace pawprint::protocol
