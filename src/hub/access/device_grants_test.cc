#include "hub/access/device_grants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "hub/access/web_sessions.h"

namespace pawprint::hub::access {
namespace {

class DeviceGrantsTest : public ::testing::Test {
 protected:
  DeviceCodes begin(std::string_view address = "192.0.2.1") {
    auto codes = grants_.begin({"pawprint", "ada@laptop", "acme", std::string(address)});
    EXPECT_TRUE(codes);
    return codes.value_or(DeviceCodes{});
  }
  DeviceState poll_after(std::int64_t seconds, const DeviceCodes& codes) {
    clock_.advance_ms(seconds * 1000);
    return grants_.poll(codes.device_code).state;
  }

  ManualClock clock_{0};
  SeededRandom random_{3};
  DeviceGrants grants_{clock_, random_};
};

TEST_F(DeviceGrantsTest, ACodeForPeopleHasNeitherVowelsNorDigitsAndIsTakenHoweverTheyTypeIt) {
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const std::string code = begin().user_code;
    EXPECT_TRUE(seen.insert(code).second);
    EXPECT_EQ(code.size(), 9U);
    EXPECT_EQ(code.find_first_not_of("BCDFGHJKLMNPQRSTVWXZ-"), std::string::npos) << code;
    std::string typed = " " + code + " ";
    std::ranges::transform(typed, typed.begin(), [](char c) {
      return c == '-' ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    EXPECT_TRUE(grants_.find(typed)) << typed;
  }
  EXPECT_FALSE(grants_.find("BCDF-GHJK-L"));
  EXPECT_FALSE(grants_.find(""));
}

TEST_F(DeviceGrantsTest, ADeviceIsToldWhatWasDecided) {
  const DeviceCodes one = begin(), other = begin();
  EXPECT_EQ(poll_after(5, one), DeviceState::pending);
  EXPECT_TRUE(grants_.decide(one.user_code, DeviceApproval{"u-1", "t-1"}));
  EXPECT_TRUE(grants_.decide(other.user_code, std::nullopt));
  EXPECT_FALSE(grants_.decide(one.user_code, std::nullopt)) << "it was decided already";
  clock_.advance_ms(5000);
  const DevicePoll approved = grants_.poll(one.device_code);
  EXPECT_EQ(approved.state, DeviceState::approved);
  EXPECT_EQ(approved.approval.team_id, "t-1");
  EXPECT_EQ(poll_after(5, other), DeviceState::denied);
}

TEST_F(DeviceGrantsTest, WhoAsksTooOftenIsSlowedDownAndWaitsLongerEachTime) {
  const DeviceCodes codes = begin();
  EXPECT_EQ(poll_after(0, codes), DeviceState::pending);
  EXPECT_EQ(poll_after(4, codes), DeviceState::slow_down);
  EXPECT_EQ(poll_after(9, codes), DeviceState::slow_down);
  EXPECT_EQ(poll_after(15, codes), DeviceState::pending);
}

TEST_F(DeviceGrantsTest, ACodeExpiresAndSaysSoForAWhile) {
  const DeviceCodes codes = begin();
  clock_.advance_ms(kDeviceLifetimeSeconds * 1000);
  EXPECT_FALSE(grants_.decide(codes.user_code, DeviceApproval{"u-1", "t-1"}));
  EXPECT_EQ(poll_after(0, codes), DeviceState::expired);
  clock_.advance_ms(kDeviceLifetimeSeconds * 1000);
  begin();
  EXPECT_EQ(poll_after(0, codes), DeviceState::unknown);
  EXPECT_EQ(grants_.poll("pdc_nonsense").state, DeviceState::unknown);
}

TEST_F(DeviceGrantsTest, AnApprovalIsToldAgainForAMomentInCaseTheAnswerWasLost) {
  const DeviceCodes codes = begin();
  EXPECT_TRUE(grants_.decide(codes.user_code, DeviceApproval{"u-1", "t-1"}));
  EXPECT_EQ(poll_after(0, codes), DeviceState::approved);
  grants_.note_session(codes.device_code, "s-1");
  clock_.advance_ms(10'000);
  const DevicePoll again = grants_.poll(codes.device_code);
  EXPECT_EQ(again.state, DeviceState::approved);
  EXPECT_EQ(again.former_session, "s-1");
  EXPECT_EQ(poll_after(20, codes), DeviceState::unknown);
}

TEST_F(DeviceGrantsTest, OneAddressCannotFillTheRoomOfAll) {
  for (std::size_t i = 0; i < kMaxDevicesPerAddress; ++i) begin();
  EXPECT_FALSE(grants_.begin({"pawprint", "", "", "192.0.2.1"}));
  begin("192.0.2.2");
  clock_.advance_ms(kDeviceLifetimeSeconds * 1000);
  begin();
}

TEST_F(DeviceGrantsTest, TheAddressesOfOneNetworkShareWhatOneAddressMayHave) {
  std::string shown;
  for (std::size_t i = 0; i < kMaxDevicesPerAddress; ++i)
    shown = begin("2001:db8::" + std::to_string(i)).user_code;
  EXPECT_FALSE(grants_.begin({"pawprint", "", "", "2001:db8::ffff"}));
  begin("2001:db8:0:1::1");
  EXPECT_EQ(grants_.find(shown)->address, "2001:db8::99") << "people are shown where it asked from";
}

TEST(WebSessions, ACookieHoldsForAnHourOrUntilSomebodySignsOut) {
  ManualClock clock{0};
  SeededRandom random{5};
  WebSessions sessions(clock, random);
  const std::string one = sessions.begin({"u-1", "t-1", "acme", "member"}, "ada@example.org");
  const std::string other = sessions.begin({"u-1", "t-1", "acme", "member"}, "ada@example.org");
  ASSERT_TRUE(sessions.find(one));
  EXPECT_NE(sessions.find(one)->form_token, sessions.find(other)->form_token);
  sessions.end(one);
  EXPECT_FALSE(sessions.find(one));
  EXPECT_TRUE(sessions.find(other));
  clock.advance_ms(kWebLifetimeSeconds * 1000);
  EXPECT_FALSE(sessions.find(other));
}

}  // namespace
}  // namespace pawprint::hub::access
