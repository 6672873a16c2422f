// docs/faults.md names, for each fault, the tests that make it and the break that shows them red: all of them
// must be there.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "own_sources.h"

namespace {

namespace fs = std::filesystem;

using pawprint::testing::kSource;
using pawprint::testing::read;

// What stands between the group's parentheses, wherever `pattern` fits.
std::set<std::string> found(const std::string& text, const std::regex& pattern, const std::string& format) {
  std::set<std::string> all;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), pattern); match != std::sregex_iterator();
       ++match) {
    all.insert(match->format(format));
  }
  return all;
}

std::set<std::string> tests_of_the_tree() {
  const std::regex test(R"(TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))");
  std::set<std::string> all;
  for (const char* top : {"src", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kSource / top)) {
      if (entry.path().extension() == ".cc") all.merge(found(read(entry.path()), test, "$1.$2"));
    }
  }
  return all;
}

const std::regex kNamedTest(R"(`(\w+\.\w+)`)");

TEST(FaultsTable, NamesTestsThatExist) {
  const auto there = tests_of_the_tree();
  const auto named = found(read(kSource / "docs/faults.md"), kNamedTest, "$1");
  EXPECT_GT(named.size(), 10U);
  for (const std::string& test : named) EXPECT_TRUE(there.contains(test)) << "docs/faults.md: " << test;
}

TEST(FaultsTable, NamesBreaksThatExist) {
  const auto there =
      found("\n" + read(kSource / "tests/sabotage.txt"), std::regex(R"(\n([a-z][\w-]+) )"), "$1");
  const std::string table = read(kSource / "docs/faults.md");
  const auto named = found(table, std::regex(R"(`([a-z]+(?:-[a-z]+)+)` *\|\n)"), "$1");
  EXPECT_FALSE(named.empty());
  for (const std::string& name : named) EXPECT_TRUE(there.contains(name)) << "docs/faults.md: " << name;
}

}  // namespace
