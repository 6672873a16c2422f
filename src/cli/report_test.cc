#include "cli/report.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace pawprint::cli {
namespace {

Error lane_error() {
  Error error;
  error.kind = ErrorKind::invalid;
  error.message = "cannot read the work package: there is no lane 'lane-a'";
  error.file = "tasks/WP01.md";
  error.line = 4;
  error.hint = "pawprint status";
  return error;
}

TEST(Report, AnErrorForPeopleNamesThePlaceAndTheNextCommand) {
  const Rendered rendered = render(std::unexpected(lane_error()), {}, false);
  EXPECT_EQ(rendered.out, "");
  EXPECT_EQ(rendered.err,
            "pawprint: cannot read the work package: there is no lane 'lane-a' (tasks/WP01.md:4)\n"
            "  try: pawprint status\n");
  EXPECT_EQ(rendered.exit_code, 1);
}

TEST(Report, WhatIsStoredIsKnownEvenIfStdoutIsFull) {
  Report report;
  report.data["event_id"] = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  EXPECT_EQ(render(report, {}, false).unheard, "the event is stored as 01ARZ3NDEKTSV4RRFFQ69G5FAV");
  report.data["event_id"] = nullptr;
  EXPECT_EQ(render(report, {}, false).unheard, "");
}

TEST(Report, JsonIsUtf8WhateverItTellsOf) {
  Report report;
  report.data["worktree"] = "/tmp/\xFF/a";
  report.data["list"] = boost::json::array{boost::json::object{{"name", "b\xC3"}, {"good", "\xC3\xBC"}}};
  Error error;
  error.message = "no \x80";
  report.error = error;
  const auto object = boost::json::parse(render(report, {}, true).out).as_object();
  EXPECT_EQ(object.at("data").at("worktree"), "/tmp/\xEF\xBF\xBD/a");
  EXPECT_EQ(object.at("data").at("list").at(0).at("name"), "b\xEF\xBF\xBD");
  EXPECT_EQ(object.at("data").at("list").at(0).at("good"), "\xC3\xBC");
  EXPECT_EQ(object.at("error").at("message"), "no \xEF\xBF\xBD");
}

TEST(Report, JsonOnStdoutIsOneObjectWithTheSameExitCode) {
  const Rendered rendered = render(std::unexpected(lane_error()), {}, true);
  const auto object = boost::json::parse(rendered.out).as_object();
  EXPECT_FALSE(object.at("ok").as_bool());
  const auto& error = object.at("error").as_object();
  EXPECT_EQ(error.at("kind").as_string(), "invalid");
  EXPECT_EQ(error.at("line").as_int64(), 4);
  EXPECT_TRUE(error.at("path").is_null());
  EXPECT_EQ(rendered.exit_code, 1);
}

TEST(Report, WarningsGoToStderrOnceACauseAlsoWithJson) {
  Warnings warnings;
  warnings.add("a", "first", "pawprint doctor");
  warnings.add("a", "first again");
  Report report;
  report.data["n"] = 1;
  const Rendered rendered = render(report, warnings, true);
  EXPECT_EQ(rendered.err, "pawprint: warning: first (try: pawprint doctor)\n");
  EXPECT_EQ(rendered.out, "{\"ok\":true,\"data\":{\"n\":1}}\n");
}

TEST(Report, StringsOfOthersCannotDriveTheTerminal) {
  Report report;
  report.text = "title \x1b[31mred\n";
  EXPECT_EQ(render(report, {}, false).out, "title \\u{1b}[31mred\n");
}

TEST(Report, EveryKindHasItsDocumentedExitCode) {
  EXPECT_EQ(exit_code_of(ErrorKind::usage), 2);
  EXPECT_EQ(exit_code_of(ErrorKind::not_in_project), 3);
  EXPECT_EQ(exit_code_of(ErrorKind::not_signed_in), 4);
  EXPECT_EQ(exit_code_of(ErrorKind::wrong_password), 4);
  EXPECT_EQ(exit_code_of(ErrorKind::unreachable), 5);
  EXPECT_EQ(exit_code_of(ErrorKind::interrupted), 130);
}

}  // namespace
}  // namespace pawprint::cli
