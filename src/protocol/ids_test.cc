#include "protocol/ids.h"

#include <gtest/gtest.h>

#include <set>

namespace pawprint::protocol {
namespace {

TEST(EventId, IsAUlidInUpperCase) {
  EXPECT_EQ(normalised_event_id("01hx0000000000000000000abc"), "01HX0000000000000000000ABC");
  EXPECT_FALSE(normalised_event_id("01HX0000000000000000000ABU"));  // U is not in the alphabet
  EXPECT_FALSE(normalised_event_id("81HX0000000000000000000ABC"));  // more than 128 bits
}

TEST(EventId, IsAUuidInLowerCaseWithHyphens) {
  EXPECT_EQ(normalised_event_id("550E8400-E29B-11D4-A716-446655440000"),
            "550e8400-e29b-11d4-a716-446655440000");
  EXPECT_EQ(normalised_event_id("550e8400e29b11d4a716446655440000"), "550e8400-e29b-11d4-a716-446655440000");
}

TEST(EventId, IsNothingElse) {
  for (const std::string_view text :
       {"", "WP01", "550e8400-e29b-11d4-a716-44665544000", "550e8400_e29b_11d4_a716_446655440000",
        "550e8400-e29b-11d4-a716-44665544000g", "-550e8400e29b-11d4-a716-446655440000",
        " 550e8400-e29b-11d4-a716-446655440000", "{550e8400-e29b-11d4-a716-446655440000}"}) {
    EXPECT_FALSE(normalised_event_id(text)) << text;
  }
}

TEST(ProjectUuid, IsOfVersionFourAndHyphenated) {
  EXPECT_EQ(normalised_uuid_v4("550E8400-E29B-41D4-A716-446655440000"),
            "550e8400-e29b-41d4-a716-446655440000");
  EXPECT_FALSE(normalised_uuid_v4("550e8400-e29b-11d4-a716-446655440000"));  // version 1
  EXPECT_FALSE(normalised_uuid_v4("550e8400-e29b-41d4-c716-446655440000"));  // another variant
  EXPECT_FALSE(normalised_uuid_v4("550e8400e29b41d4a716446655440000"));
  EXPECT_FALSE(normalised_uuid_v4("01HX0000000000000000000ABC"));
}

TEST(ProjectUuid, ANewOneIsValidAndItsOwn) {
  SeededRandom random(7);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = new_uuid_v4(random);
    ASSERT_EQ(normalised_uuid_v4(uuid), uuid);
    ASSERT_TRUE(seen.insert(uuid).second);
  }
}

TEST(NodeId, IsTheStartOfTheHashOfHostAndUser) {
  // printf 'laptop:ada' | sha256sum
  EXPECT_EQ(node_id("laptop", "ada", ""), "5bc01c7d3d92");
  // printf 'laptop:ada:0123456789ab' | sha256sum
  EXPECT_EQ(node_id("laptop", "ada", "0123456789ab"), "915c1bc47cd3");
}

}  // namespace
}  // namespace pawprint::protocol
