#include "base/printable.h"

#include <gtest/gtest.h>

namespace pawprint {
namespace {

TEST(Printable, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(printable("Größe\t🐾 ok"), "Größe\t🐾 ok");
}

TEST(Printable, ShowsTerminalEscapesInsteadOfObeyingThem) {
  EXPECT_EQ(printable("\x1b[2Jgone\r\n"), "\\u{1b}[2Jgone\\u{d}\\u{a}");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\u{9b}31m");
}

TEST(Printable, ShowsBidiOverrides) {
  EXPECT_EQ(printable("a\u202Eb\u2066c"), "a\\u{202e}b\\u{2066}c");
}

TEST(Printable, ShowsBytesThatAreNoText) {
  EXPECT_EQ(printable("a\xff"
                      "b\xed\xa0\x80"),
            "a\\x{ff}b\\x{ed}\\x{a0}\\x{80}");
  EXPECT_EQ(printable("\xc3"), "\\x{c3}");
}

TEST(Printable, KeepsNewlinesWhenAsked) {
  EXPECT_EQ(printable("a\nb", true), "a\nb");
}

}  // namespace
}  // namespace pawprint
