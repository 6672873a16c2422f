#include "base/rfc3339.h"

#include <gtest/gtest.h>

#include "base/clock_source.h"

namespace pawprint {
namespace {

TEST(Rfc3339, ReadsTheTimesThatToolsWrite) {
  EXPECT_EQ(rfc3339_utc(unix_ms_of("2026-02-10T16:30:00Z").value()), "2026-02-10T16:30:00.000Z");
  EXPECT_EQ(rfc3339_utc(unix_ms_of("2026-06-20T11:50:30.374026+00:00").value()), "2026-06-20T11:50:30.374Z");
  EXPECT_EQ(rfc3339_utc(unix_ms_of("2026-01-01T01:00:00.5+02:30").value()), "2025-12-31T22:30:00.500Z");
  EXPECT_EQ(unix_ms_of("1970-01-01T00:00:00Z"), 0);
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const char* text :
       {"", "2026-02-10", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-02-10T24:00:00Z",
        "2026-02-10T16:30:00", "2026-02-10T16:30:00Zz", "2026-02-10T16:30:00.Z", "2026-02-10T16:30:00+25:00",
        "1969-12-31T23:59:59Z", "-026-02-10T16:30:00Z", "yesterday"}) {
    EXPECT_EQ(unix_ms_of(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace pawprint
