#include "protocol/catalogue.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace pawprint::protocol {
namespace {

// The path that is refused, "" if the payload passes.
std::string refused(std::string_view type, std::string_view payload, Generation generation = Generation::g2) {
  const auto checked = check_payload(generation, type, boost::json::parse(payload));
  if (checked) return "";
  EXPECT_EQ(checked.error().kind, ErrorKind::invalid);
  EXPECT_EQ(checked.error().message.find(checked.error().path + ": "), 0U);
  return checked.error().path;
}

// A payload that satisfies a rule, and some that do not.
struct Samples {
  FieldRule rule;
  std::vector<std::string_view> good;
  std::vector<std::string_view> bad;
};

const std::vector<Samples>& samples() {
  static const std::string sha = '"' + std::string(64, 'a') + '"';
  static const std::string long_sha = '"' + std::string(65, 'a') + '"';
  static const std::string upper_sha = '"' + std::string(64, 'A') + '"';
  static const std::vector<Samples> all = {
      {FieldRule::text, {R"("x")", R"("")"}, {"1", "true", "[]", "{}"}},
      {FieldRule::text_nonempty, {R"("x")"}, {R"("")", "1", "null"}},
      {FieldRule::wp_id,
       {R"("WP01")", R"("WP123456789")"},
       {R"("WP1")", R"("WP01\n")", R"("wp01")", R"("WP0a")", R"("xWP01")", R"("WP01 ")",
        R"("WP\u0661\u0662")", "1", "null"}},
      {FieldRule::lane,
       {R"("planned")", R"("doing")", R"("canceled")"},
       {R"("in_review")", R"("Done")", R"("")", "1"}},
      {FieldRule::lane_g1, {R"("doing")", R"("done")"}, {R"("in_progress")", R"("blocked")", "null"}},
      {FieldRule::boolean, {"true", "false"}, {"0", "1", R"("true")", "null"}},
      {FieldRule::count,
       {"0", "7", "18446744073709551615"},
       {"-1", "true", "5.0", "1e3", R"("5")", "null", "18446744073709551616"}},
      {FieldRule::object, {"{}", R"({"a":1})"}, {"[]", R"("{}")", "1"}},
      {FieldRule::text_list, {"[]", R"(["a",""])"}, {"{}", R"("a")", "null"}},
      {FieldRule::wp_id_list, {"[]", R"(["WP01","WP02"])"}, {"{}", R"("WP01")", "null"}},
      {FieldRule::feature_slug,
       {R"("001-a")", R"("032-identity-aware-cli-event-sync")"},
       {R"("001")", R"("001-")", R"("01-a")", R"("001-A")", R"("001_a")", R"("001-a\n")", "1"}},
      {FieldRule::feature_number, {R"("001")"}, {"1", R"("1")", R"("0001")", R"("00a")", R"("001\n")"}},
      {FieldRule::date_time,
       {R"("2026-02-03T12:00:00Z")", R"("2026-02-03T12:00:00.123456+05:30")"},
       {R"("2026-02-03")", R"("2026-02-03T12:00:00")", R"("2026-02-29T12:00:00Z")",
        R"("2026-02-03 12:00:00Z")", "0", "null"}},
      {FieldRule::sha256, {sha}, {long_sha, upper_sha, R"("aa")", "1", "null"}},
  };
  return all;
}

std::string good_value(const FieldSpec& field) {
  if (field.rule == FieldRule::choice) return '"' + std::string(words_of(field).back()) + '"';
  for (const Samples& sample : samples()) {
    if (sample.rule == field.rule) return std::string(sample.good.back());
  }
  return "no sample";
}

// A payload of `type` with every field right but `name`, whose value is `token` (left out if empty).
std::string payload_with(const TypeSpec& type, std::string_view name, std::string_view token) {
  std::string payload = "{\"unknown\":null";
  for (const FieldSpec& field : type.fields) {
    const std::string value = field.name == name ? std::string(token) : good_value(field);
    if (!value.empty()) payload += ",\"" + std::string(field.name) + "\":" + value;
  }
  return payload + "}";
}

void check_field_of(Generation generation, const TypeSpec& type, const FieldSpec& field) {
  const std::string path = "payload." + std::string(field.name);
  const auto refusal_of = [&](std::string_view token) {
    return refused(type.event_type, payload_with(type, field.name, token), generation);
  };
  SCOPED_TRACE(std::string(type.event_type) + " " + path);
  EXPECT_EQ(refusal_of(""), field.required ? path : "");
  EXPECT_EQ(refusal_of("null"), field.nullable ? "" : path);
  for (const Samples& sample : samples()) {
    if (sample.rule != field.rule) continue;
    for (const std::string_view token : sample.good) EXPECT_EQ(refusal_of(token), "") << token;
    for (const std::string_view token : sample.bad) {
      if (token == "null") continue;  // asked above, since some fields of this rule take it
      EXPECT_EQ(refusal_of(token), path) << token;
    }
  }
  if (field.rule != FieldRule::choice) return;
  for (const std::string_view word : words_of(field))
    EXPECT_EQ(refusal_of('"' + std::string(word) + '"'), "");
  for (const std::string_view token : {R"("")", R"("other word")", R"("a/b")", "1", "true"}) {
    EXPECT_EQ(refusal_of(token), path) << token;
  }
}

TEST(Catalogue, EveryFieldOfEveryTypeIsChecked) {
  for (const Generation generation : {Generation::g1, Generation::g2}) {
    for (const TypeSpec& type : catalogue(generation)) {
      ASSERT_EQ(refused(type.event_type, payload_with(type, "", ""), generation), "") << type.event_type;
      for (const FieldSpec& field : type.fields) check_field_of(generation, type, field);
    }
  }
}

TEST(Catalogue, HasTheTwelveTypesThatAreEmittedAndTheOneThatDiffered) {
  EXPECT_EQ(catalogue(Generation::g2).size(), 12U);
  EXPECT_EQ(catalogue(Generation::g1).size(), 1U);
  EXPECT_TRUE(catalogue(Generation::g3).empty());
  EXPECT_EQ(find_type(Generation::g1, "WPCreated"), find_type(Generation::g2, "WPCreated"));
  EXPECT_NE(find_type(Generation::g1, "WPStatusChanged"), find_type(Generation::g2, "WPStatusChanged"));
  EXPECT_EQ(find_type(Generation::g2, "Mine"), nullptr);
}

TEST(Catalogue, AListNamesTheItemThatIsWrong) {
  EXPECT_EQ(refused("WPCreated",
                    R"({"wp_id":"WP02","title":"t","feature_slug":"f","dependencies":["WP01","WP1"]})"),
            "payload.dependencies[1]");
  EXPECT_EQ(
      refused("MissionDossierParityDriftDetected",
              R"({"feature_slug":"f","local_parity_hash":"a","baseline_parity_hash":"b","severity":"info",)"
              R"("missing_in_local":["a",null]})"),
      "payload.missing_in_local[1]");
}

TEST(Catalogue, AnErrorSaysWhatIsExpected) {
  const auto checked = check_payload(
      Generation::g2, "WPAssigned", boost::json::parse(R"({"wp_id":"WP01","agent_id":"a","phase":"lunch"})"));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "payload.phase: expected one of implementation, review");
}

TEST(Catalogue, AProjectsOwnTypePassesAsLongAsItIsAnObject) {
  EXPECT_EQ(refused("Mine", R"({"wp_id":1})"), "");
  EXPECT_EQ(refused("Mine", "[]"), "payload");
  EXPECT_EQ(refused("WPCreated", "{}", Generation::g3), "");
}

Generation recognised(std::string_view type, std::string_view version, std::string_view payload) {
  return generation_of(type, version, boost::json::parse(payload).as_object());
}

TEST(Generations, AreRecognisedByTheirMarks) {
  EXPECT_EQ(recognised("WPStatusChanged", "", R"({"previous_status":"planned"})"), Generation::g1);
  EXPECT_EQ(recognised("WPStatusChanged", "", R"({"new_status":"doing"})"), Generation::g1);
  EXPECT_EQ(recognised("WPStatusChanged", "2.0", R"({"new_status":"doing"})"), Generation::g2);
  EXPECT_EQ(recognised("WPCreated", "", R"({"new_status":"doing"})"), Generation::g2);
  EXPECT_EQ(recognised("WPStatusChanged", "", R"({"from_lane":"planned"})"), Generation::g2);
  EXPECT_EQ(recognised("WPStatusChanged", "3.0.0", R"({"new_status":"doing"})"), Generation::g3);
}

}  // namespace
}  // namespace pawprint::protocol
