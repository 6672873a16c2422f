#include "hub/ingest/cut.h"

#include <gtest/gtest.h>

#include <string>

#include "hub/ingest/scan.h"

namespace pawprint::hub::ingest {
namespace {

using Slices = std::vector<std::string_view>;

Slices cut(std::string_view body) {
  const auto slices = cut_events(body, 1000);
  EXPECT_TRUE(slices) << body << ": " << slices.error().message;
  return slices.value_or(Slices{});
}

bool is_refused(std::string_view body) {
  const auto slices = cut_events(body, 1000);
  EXPECT_TRUE(slices || slices.error().kind == ErrorKind::invalid);
  return !slices;
}

TEST(Cut, ElementsComeAsTheyStandWithoutTheSpaceAround) {
  EXPECT_EQ(cut(R"({"events":[{"a":1},{"b":[2,{}]}]})"), (Slices{R"({"a":1})", R"({"b":[2,{}]})"}));
  EXPECT_EQ(cut(" {\n\"events\" :\t[ {\"a\" : 1 } , 7 ]\r\n} \n"), (Slices{"{\"a\" : 1 }", "7"}));
  EXPECT_TRUE(cut(R"({"events":[]})").empty());
  EXPECT_TRUE(cut(R"({"events": [ ] })").empty());
}

TEST(Cut, BracketsCommasAndQuotesWithinStringsAreText) {
  EXPECT_EQ(cut(R"({"events":[{"a":"],}\"[{\\"},{"b":"\\\""}]})"),
            (Slices{R"({"a":"],}\"[{\\"})", R"({"b":"\\\""})"}));
}

TEST(Cut, OtherKeysOfTheFrameAreSkipped) {
  EXPECT_EQ(cut(R"({"v":{"events":[1,2]},"events":[3],"s":"}]","n":null})"), (Slices{"3"}));
  EXPECT_EQ(cut(R"({"\u0065vents":[3]})"), (Slices{"3"}));
}

TEST(Cut, ABrokenElementSpoilsNoNeighbour) {
  EXPECT_EQ(cut(R"({"events":[{"a":1},nonsense,{"b":2}]})"),
            (Slices{R"({"a":1})", "nonsense", R"({"b":2})"}));
  EXPECT_EQ(cut(R"({"events":[{"a":1]},{"b":2}]})").size(), 2u);
  EXPECT_EQ(cut(R"({"events":[{"a":1]}},{"b":2}]})"), (Slices{R"({"a":1]}})", R"({"b":2})"}));
  EXPECT_EQ(cut(R"({"events":[{"a":1} x,{"b":2}]})"), (Slices{R"({"a":1} x)", R"({"b":2})"}));
  EXPECT_EQ(cut("{\"events\":[{\"a\":\"\xff\n\"},{\"b\":2}]}"), (Slices{"{\"a\":\"\xff\n\"}", R"({"b":2})"}));
  EXPECT_EQ(cut(R"({"events":[1,,2,]})"), (Slices{"1", "", "2", ""}));
}

TEST(Cut, DeepNestingIsCutWithoutRecursion) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(cut(R"({"events":[)" + deep + ",1]}").size(), 2u);
}

TEST(Cut, AFrameThatCannotBeCutIsRefused) {
  for (const char* bad : {"",
                          " ",
                          "null",
                          "[]",
                          "{",
                          "{}",
                          "[{\"events\":[]}]",
                          R"({"events":{}})",
                          R"({"events":null})",
                          R"({"events":[)",
                          R"({"events":[1)",
                          R"({"events":[1])",
                          R"({"events":[1]} x)",
                          R"({"events":[1]}})",
                          R"({"events":["a]})",
                          R"({"events":[{"a":[1}]})",
                          R"({"events":[1],"events":[2]})",
                          R"({"events" [1]})",
                          R"({events:[1]})",
                          R"({"events":[1] "a":2})",
                          R"({"events":[1],})",
                          R"({"a":1)",
                          R"({"events)",
                          R"({"events":[1],"a":"x})",
                          "\xef\xbb\xbf{\"events\":[]}"}) {
    EXPECT_TRUE(is_refused(bad)) << bad;
  }
}

TEST(Cut, EveryTruncationOfAFrameIsRefused) {
  const std::string_view whole = R"({"v":"1","events":[{"event_id":"a\"]"},[{}],3]})";
  ASSERT_EQ(cut(whole).size(), 3u);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_TRUE(is_refused(whole.substr(0, size))) << size;
}

TEST(Cut, StopsOneAboveTheLimit) {
  EXPECT_EQ(cut_events(R"({"events":[1,2,3]})", 3)->size(), 3u);
  EXPECT_EQ(cut_events(R"({"events":[1,2,3,4,5,6]})", 3)->size(), 4u);
}

TEST(Says, ComparesWhatAStringMeans) {
  EXPECT_TRUE(says(R"("events")", "events"));
  EXPECT_TRUE(says(R"("event\u0073")", "events"));
  for (const char* other : {R"("event")", R"("eventss")", R"("events)", R"(events")", R"("event\q")", "\""}) {
    EXPECT_FALSE(says(other, "events")) << other;
  }
}

TEST(FindEventId, SaysWhatWasSent) {
  EXPECT_EQ(find_event_id(R"({"event_id":"01hx"})"), "01hx");
  EXPECT_EQ(find_event_id(R"( { "a" : {"event_id":"no"} , "b":[1,"event_id"], "event_id" : "x\"y" } )"),
            "x\"y");
  EXPECT_EQ(find_event_id(R"({"event\u005fid":"x"})"), "x");
}

TEST(FindEventId, FindsItInBrokenEvents) {
  EXPECT_EQ(find_event_id(R"({"event_id":"x","payload":{"a":]}})"), "x");
  EXPECT_EQ(find_event_id("{\"note\":\"\xff\",\"event_id\":\"x\"}"), "x");
  EXPECT_EQ(find_event_id(R"({"n":nonsense here,"event_id":"x")"), "x");
}

TEST(FindEventId, AnotherScalarIsFoundAsItWasSent) {
  EXPECT_EQ(find_odd_event_id(R"({"a":7, "event_id" : 5 , "b":1})"), "5");
  EXPECT_EQ(find_odd_event_id(R"({"event_id":1.50E+1})"), "1.50E+1");
  EXPECT_EQ(find_odd_event_id(R"({"event_id":true,"event_id":"x"})"), "true");
  for (const char* none :
       {"", "{", R"({"event_id":"x"})", R"({"event_id":null})", R"({"event_id":5x})", R"({"event_id":[5]})",
        R"({"event_id":-})", R"({"event_id":tru})", R"({"event_id":01})"}) {
    EXPECT_EQ(find_odd_event_id(none), "") << none;
  }
}

TEST(FindEventId, NothingIsFoundWhereThereIsNone) {
  for (const char* none :
       {"", "{", "{}", "7", "nonsense", R"(["event_id","x"])", R"({"event_id":5})", R"({"event_id":null})",
        R"({"event_id")", R"({"event_id":)", R"({"event_id":"x)", R"({"event_id":"\q"})",
        R"({"a":"event_id"})", R"({"a":1}{"event_id":"x"})", "{\"event_id\":\"\xff\"}"}) {
    EXPECT_EQ(find_event_id(none), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace pawprint::hub::ingest
