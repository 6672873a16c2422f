// tests/sabotage.txt and the deliberate breaks in the code: each is named by the other.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "base/sabotage.h"
#include "own_sources.h"

namespace {

namespace fs = std::filesystem;

using pawprint::testing::kSource;
using pawprint::testing::read;

std::vector<std::string> listed_lines() {
  std::istringstream all(read(kSource / "tests/sabotage.txt"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(all, line);) {
    if (!line.starts_with('#')) lines.push_back(line);
  }
  return lines;
}

std::set<std::string> breaks_of_the_code() {
  const std::regex pattern(R"re(\bsabotaged\("([^"]*)"\))re");
  std::set<std::string> names;
  for (const char* top : {"src", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kSource / top)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
      const std::string text = read(entry.path());
      for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it)
        names.insert((*it)[1]);
    }
  }
  return names;
}

TEST(SabotageList, HasOneBreakAndOneAnchoredPatternToALine) {
  const std::regex form("[a-z0-9]+(-[a-z0-9]+)* \\^.+");
  std::set<std::string> once;
  for (const std::string& line : listed_lines()) {
    EXPECT_TRUE(std::regex_match(line, form)) << "not NAME ^CTEST_REGEX: " << line;
    EXPECT_TRUE(once.insert(line).second) << "twice: " << line;
  }
}

TEST(SabotageList, AndTheCodeNameTheSameBreaks) {
  std::set<std::string> listed;
  for (const std::string& line : listed_lines()) listed.insert(line.substr(0, line.find(' ')));
  const std::set<std::string> coded = breaks_of_the_code();
  ASSERT_GT(coded.size(), 10U);
  for (const std::string& name : listed) EXPECT_TRUE(coded.contains(name)) << name << " is in no code";
  for (const std::string& name : coded)
    EXPECT_TRUE(listed.contains(name)) << name << " is not in tests/sabotage.txt";
}

#if PAWPRINT_SABOTAGE_BUILT
TEST(SabotageDeathTest, ANameThatNobodyListedEndsTheProcess) {
  EXPECT_DEATH(
      {
        ::setenv("PAWPRINT_SABOTAGE", "no-such-break", 1);
        pawprint::sabotaged("emit-twice");
      },
      "tests/sabotage.txt names no such break");
}
#else
static_assert(!pawprint::sabotaged("emit-twice"),
              "without the option a break is a constant, and compiles to nothing");
#endif

}  // namespace
