#include "protocol/check_event.h"

#include <gtest/gtest.h>

namespace pawprint::protocol {
namespace {

Envelope event(std::string type, std::string payload) {
  Envelope envelope;
  envelope.event_type = std::move(type);
  envelope.payload = std::move(payload);
  return envelope;
}

TEST(CheckEvent, APayloadThatBreaksItsTypeIsRefusedWithItsPath) {
  const auto checked = check_event(event("WPStatusChanged", R"({"wp_id":"WP01","to_lane":"done"})"));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::invalid);
  EXPECT_EQ(checked.error().path, "payload.from_lane");
}

TEST(CheckEvent, ATypeIsAboutTheAggregateThatTheCatalogueNames) {
  Envelope moved = event("WPStatusChanged", R"({"wp_id":"WP01","from_lane":"planned","to_lane":"claimed"})");
  for (const char* fits : {"WorkPackage", ""}) {
    moved.aggregate_type = fits;
    EXPECT_TRUE(check_event(moved)) << fits;
  }
  moved.aggregate_type = "Feature";
  const auto checked = check_event(moved);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().path, "aggregate_type");
}

TEST(CheckEvent, AnErrorMayBeAboutAFeatureToo) {
  Envelope error = event("ErrorLogged", R"({"error_type":"network","error_message":"no route"})");
  for (const char* fits : {"WorkPackage", "Feature"}) {
    error.aggregate_type = fits;
    EXPECT_TRUE(check_event(error)) << fits;
  }
  error.aggregate_type = "MissionDossier";
  EXPECT_FALSE(check_event(error));
}

TEST(CheckEvent, ATypeOfTheProjectsOwnPasses) {
  EXPECT_TRUE(check_event(event("DoorOpened", R"({"door":3})")));
}

TEST(CheckEvent, AnEventWithoutPayloadPasses) {
  EXPECT_TRUE(check_event(event("WPStatusChanged", "")));
}

}  // namespace
}  // namespace pawprint::protocol
