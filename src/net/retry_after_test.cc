#include "net/retry_after.h"

#include <gtest/gtest.h>

#include <limits>

namespace pawprint::net {
namespace {

constexpr std::int64_t kNow = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110

std::optional<std::int64_t> asked(std::string value, std::vector<Header> more = {}) {
  HttpAnswer answer{.status = 503, .headers = std::move(more), .body = {}};
  answer.headers.push_back({"retry-after", std::move(value)});
  return retry_after_s(answer, kNow);
}

TEST(RetryAfter, IsANumberOfSeconds) {
  EXPECT_EQ(asked("120"), 120);
  EXPECT_EQ(asked("0"), 0);
  EXPECT_EQ(asked("99999999999999999999"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(retry_after_s(HttpAnswer{.status = 503, .headers = {}, .body = {}}, kNow), std::nullopt);
}

TEST(RetryAfter, IsADateInEachFormThatARecipientHasToKnow) {
  for (const char* date :
       {"Sun, 06 Nov 1994 08:51:37 GMT", "Sunday, 06-Nov-94 08:51:37 GMT", "Sun Nov  6 08:51:37 1994"}) {
    EXPECT_EQ(asked(date), 120) << date;
  }
  EXPECT_EQ(asked("Sun, 06 Nov 1994 08:00:00 GMT"), 0) << "it is over";
}

TEST(RetryAfter, CountsFromTheServersOwnClock) {
  EXPECT_EQ(asked("Wed, 01 Jan 2020 00:00:30 GMT", {{"Date", "Wed, 01 Jan 2020 00:00:00 GMT"}}), 30);
  EXPECT_EQ(asked("Sun, 06 Nov 1994 08:51:37 GMT", {{"Date", "yesterday"}}), 120);
}

TEST(RetryAfter, IsNothingInOtherWords) {
  for (const char* words : {"", "-5", "5 s", "1e3", "soon", "Sun, 06 Nov 1994 08:51:37 GMT later",
                            "Sun, 06 Nov 1994 25:51:37 GMT"}) {
    EXPECT_EQ(asked(words), std::nullopt) << words;
  }
}

}  // namespace
}  // namespace pawprint::net
