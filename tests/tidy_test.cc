// The rules of ARCHITECTURE.md that no compiler holds: which floor may include which, how long a file may be,
// what only one place may do. Reads the sources as text.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "own_sources.h"

namespace {

namespace fs = std::filesystem;

using pawprint::testing::kSource;
using pawprint::testing::read;

struct Source {
  std::string name;    // "src/outbox/clock.cc"
  std::string module;  // "outbox", "hub/store", empty outside src
  std::string text;
};

struct Module {
  int floor = 0;
  std::set<std::string> deps;
};

// floors.tsv is written by the configure step from the lines that the build itself obeys.
std::map<std::string, Module> modules() {
  std::map<std::string, Module> all;
  std::istringstream lines(read(fs::path(PAWPRINT_BINARY_DIR) / "generated/floors.tsv"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string name, floor, deps;
    std::getline(fields, name, '\t');
    std::getline(fields, floor, '\t');
    std::getline(fields, deps, '\t');
    Module& module = all[name];
    module.floor = std::stoi(floor);
    std::istringstream dep_words(deps);
    for (std::string dep; std::getline(dep_words, dep, ';');) module.deps.insert(dep);
  }
  return all;
}

std::vector<Source> sources() {
  std::vector<Source> all;
  for (const char* top : {"src", "include", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kSource / top)) {
      const std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() || (extension != ".cc" && extension != ".h" && extension != ".def"))
        continue;
      Source source;
      source.name = fs::relative(entry.path(), kSource).string();
      if (source.name.starts_with("src/")) {
        source.module = fs::path(source.name.substr(4)).parent_path().string();
      }
      source.text = read(entry.path());
      all.push_back(std::move(source));
    }
  }
  return all;
}

// What is compiled into test programs alone: x_test.cc, and what tests share.
bool is_test(const Source& source) {
  if (source.module.empty()) return source.name.starts_with("tests/");
  return source.name.ends_with("_test.cc") || source.name.ends_with("_for_test.h") ||
         source.name.ends_with("_fixture.h");
}

// The module that an include names: the longest one that is a prefix of its folder.
std::string included_module(const std::map<std::string, Module>& all, const std::string& include) {
  const std::string folder = fs::path(include).parent_path().string();
  return all.contains(folder) ? folder : "";
}

template <class Visit>
void for_each_match(const std::string& text, const std::regex& pattern, Visit visit) {
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) visit(*it);
}

TEST(Tidy, AModuleIncludesOnlyWhatItDeclares) {
  const auto all = modules();
  ASSERT_GE(all.size(), 2U);
  const std::regex include("#include \"([^\"]+)\"");
  for (const Source& source : sources()) {
    if (source.module.empty() || is_test(source)) continue;
    ASSERT_TRUE(all.contains(source.module)) << source.name << " belongs to no module";
    for_each_match(source.text, include, [&](const std::smatch& match) {
      const std::string target = included_module(all, match[1]);
      if (target.empty() || target == source.module) return;
      EXPECT_TRUE(all.at(source.module).deps.contains(target))
          << source.name << " includes " << match[1] << ", but " << source.module << " does not name "
          << target;
      EXPECT_LT(all.at(target).floor, all.at(source.module).floor) << source.name;
    });
  }
}

TEST(Tidy, FilesStaySmall) {
  for (const Source& source : sources()) {
    const auto lines = std::ranges::count(source.text, '\n');
    EXPECT_LE(lines, source.name.ends_with("_test.cc") ? 800 : 450) << source.name;
  }
}

TEST(Tidy, NoRoomForTheRest) {
  const std::regex rest("(^|/)(core|common|utils?|helpers?|misc|manager)(/|\\.|_|$)");
  for (const Source& source : sources()) EXPECT_FALSE(std::regex_search(source.name, rest)) << source.name;
}

void expect_only_in(const std::regex& pattern, const std::set<std::string>& places, const char* what) {
  for (const Source& source : sources()) {
    if (is_test(source)) continue;
    const bool allowed = std::ranges::any_of(places, [&](const std::string& place) {
      return source.name == place || (place.ends_with('/') && source.name.starts_with(place));
    });
    if (!allowed) {
      EXPECT_FALSE(std::regex_search(source.text, pattern)) << source.name << ": " << what;
    }
  }
}

TEST(Tidy, OnePlaceReadsTheEnvironment) {
  expect_only_in(std::regex("\\bgetenv\\b|\\benviron\\b|current_path\\("),
                 {"src/base/environment.cc", "src/base/sabotage.cc"}, "reads the environment");
}

TEST(Tidy, OnlyProgramsPrintAndExit) {
  expect_only_in(std::regex("std::c(out|err)\\b|\\bprintf\\(|\\bfputs\\(|\\bexit\\("),
                 {"src/cli/", "src/agent/", "src/hub/main/", "src/base/sabotage.cc"}, "prints or exits");
}

TEST(Tidy, SqlLivesInTheOutboxAndTheStore) {
  expect_only_in(std::regex("\"\\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE TABLE)\\b"),
                 {"src/outbox/", "src/hub/store/"}, "has SQL");
}

// SQLite 3.40 commits transactions that recovery does not find whole (ADR 0009).
TEST(Tidy, NothingIsRolledBackToASavepoint) {
  expect_only_in(std::regex("ROLLBACK TO|OR FAIL"), {"tests/tidy_test.cc"},
                 "takes a part of a transaction back");
}

TEST(Tidy, BoostNetworkingStaysBehindNet) {
  expect_only_in(std::regex("boost/(asio|beast)"), {"src/net/"}, "names Boost networking");
  for (const Source& source : sources()) {
    if (source.name.starts_with("src/net/") && source.name.ends_with(".h")) {
      EXPECT_EQ(source.text.find("#include <boost"), std::string::npos) << source.name;
    }
  }
}

TEST(Tidy, NothingIsSwallowed) {
  expect_only_in(std::regex("catch \\(\\.\\.\\.\\)"), {}, "catches everything");
  expect_only_in(std::regex("\\(void\\)\\s*[a-z_]"), {}, "throws a result away");
}

TEST(Tidy, TestsDoNotSleep) {
  const std::regex sleeping("\\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\\(");
  for (const Source& source : sources()) {
    if (!is_test(source) || source.name == "tests/tidy_test.cc") continue;
    EXPECT_FALSE(std::regex_search(source.text, sleeping)) << source.name;
  }
}

}  // namespace
