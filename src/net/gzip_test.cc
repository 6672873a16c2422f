#include "net/gzip.h"

#include <gtest/gtest.h>

#include <string>

namespace pawprint::net {
namespace {

std::string zipped(std::string_view bytes) {
  auto out = gzip(bytes);
  EXPECT_TRUE(out);
  return out.value_or(std::string());
}

TEST(Gzip, WhatWasCompressedComesBack) {
  for (const std::string& text : {std::string(), std::string("x"), std::string(300'000, 'a') + "end"}) {
    const auto back = gunzip(zipped(text), 1U << 20);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, text);
  }
}

TEST(Gzip, SeveralMembersAreReadOneAfterTheOther) {
  const auto back = gunzip(zipped("one ") + zipped("") + zipped("two"), 100);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, "one two");
}

TEST(Gzip, TheLimitIsExactAndOneByteMoreIsTooLarge) {
  const std::string text(200'000, 'z');
  EXPECT_TRUE(gunzip(zipped(text), text.size()));
  const auto refused = gunzip(zipped(text), text.size() - 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), InflateFailure::too_large);
}

TEST(Gzip, ABombCostsTheLimitAndNotItsSize) {
  std::string bomb = zipped(std::string(64U << 20, '\0'));
  ASSERT_LT(bomb.size(), 1U << 20);
  const auto refused = gunzip(bomb, 100'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), InflateFailure::too_large);
}

TEST(Gzip, TheCapacityOfTheResultStaysWithinTheLimit) {
  const std::string text(700'000, 'q');
  const auto back = gunzip(zipped(text), 800'000);
  ASSERT_TRUE(back);
  EXPECT_LE(back->capacity(), 800'000U);
}

TEST(Gzip, MembersTogetherAreHeldToTheLimit) {
  const auto refused = gunzip(zipped("12345") + zipped("67890"), 9);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), InflateFailure::too_large);
}

TEST(Gzip, CutAtEveryByteItIsBroken) {
  const std::string whole = zipped("{\"events\":[1,2,3,4,5,6,7,8,9]}");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto refused = gunzip(whole.substr(0, length), 1000);
    ASSERT_FALSE(refused) << "cut at " << length;
    EXPECT_EQ(refused.error(), InflateFailure::broken) << "cut at " << length;
  }
}

TEST(Gzip, BytesBehindTheLastMemberAreBroken) {
  for (const std::string& behind : {std::string("x"), std::string("garbage behind"), std::string(1, '\0')}) {
    const auto refused = gunzip(zipped("text") + behind, 1000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), InflateFailure::broken);
  }
}

TEST(Gzip, AFlippedBitNeverYieldsAnotherText) {
  const std::string text = "a text that is long enough to have a body of its own";
  const std::string whole = zipped(text);
  int noticed = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    const auto back = gunzip(flipped, 1000);
    noticed += back ? 0 : 1;
    EXPECT_EQ(back.value_or(text), text) << "flipped at " << at;  // some bits mean nothing: time, padding
  }
  EXPECT_GT(noticed, 40);
}

TEST(Gzip, PlainTextAndZlibFramingAreBroken) {
  EXPECT_FALSE(gunzip("{\"events\":[]}", 1000));
  EXPECT_FALSE(gunzip(std::string_view("\x78\x9c\x03\x00\x00\x00\x00\x01", 8), 1000));
}

}  // namespace
}  // namespace pawprint::net
