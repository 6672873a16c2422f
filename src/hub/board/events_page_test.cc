#include "hub/board/events_page.h"

#include <gtest/gtest.h>

#include "hub/board/board_fixture.h"
#include "protocol/limits.h"

namespace pawprint::hub::board {
namespace {

constexpr std::string_view kOtherProject = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

class EventsPageTest : public BoardFixture {
 protected:
  void SetUp() override {
    BoardFixture::SetUp();
    for (std::uint64_t i = 1; i <= 5; ++i) {
      append({.number = i,
              .event_type = "OurOwn",
              .payload = "{}",
              .project_uuid = std::string(i % 2 == 1 ? kProject : kOtherProject)});
    }
  }

  EventsPage page(std::optional<std::string_view> project, std::optional<std::string_view> after,
                  std::size_t limit) {
    auto read = events_page(*store_, team_, project, after, limit);
    EXPECT_TRUE(read) << read.error().message;
    return read.value_or(EventsPage{});
  }

  ErrorKind refusal(const Cursor& cursor) {
    const auto resumed = resume(*store_, team_, encode_cursor(cursor));
    EXPECT_FALSE(resumed);
    return resumed ? ErrorKind::failed : resumed.error().kind;
  }
};

TEST_F(EventsPageTest, PagesFollowEachOtherWithoutAGap) {
  const EventsPage first = page({}, {}, 3);
  ASSERT_EQ(first.events.size(), 3U);
  EXPECT_EQ(first.events[0].seq, 1U);
  EXPECT_EQ(first.events[0].received_at, "2026-02-03T12:00:00.000Z");
  EXPECT_EQ(first.next, first.events[2].cursor);
  const EventsPage second = page({}, first.next, 3);
  ASSERT_EQ(second.events.size(), 2U);
  EXPECT_EQ(second.events[0].seq, 4U);
}

TEST_F(EventsPageTest, LargeEventsMakeShortPagesWithoutAGap) {
  const std::string large = "{\"note\":\"" + std::string(protocol::max_bytes_per_event - 20, 'x') + "\"}";
  std::vector<store::NewEvent> events;
  for (std::uint64_t i = 6; i < 106; ++i) events.push_back(logged(i, large + std::string(i, ' '), {}));
  append_to(team_, events);
  std::uint64_t seen = 0;
  int pages = 0;
  for (std::string next;; ++pages) {
    const EventsPage read =
        page({}, next.empty() ? std::nullopt : std::optional<std::string_view>(next), 1000);
    if (read.events.empty()) break;
    EXPECT_LE(read.events.size(), 64U);
    for (const PagedEvent& event : read.events) EXPECT_EQ(event.seq, ++seen);
    next = read.next;
  }
  EXPECT_EQ(seen, 105U);
  EXPECT_GT(pages, 1);
}

TEST_F(EventsPageTest, AtTheEndTheNextPageStartsWhereTheLastEnded) {
  const EventsPage all = page({}, {}, 100);
  const EventsPage none = page({}, all.next, 100);
  EXPECT_TRUE(none.events.empty());
  EXPECT_EQ(none.next, all.next);
  append({.number = 6, .event_type = "OurOwn", .payload = "{}"});
  ASSERT_EQ(page({}, none.next, 100).events.size(), 1U);
}

TEST_F(EventsPageTest, OneProjectsEventsKeepTheirNumbers) {
  const EventsPage odd = page(kProject, {}, 2);
  ASSERT_EQ(odd.events.size(), 2U);
  EXPECT_EQ(odd.events[1].seq, 3U);
  ASSERT_EQ(page(kProject, odd.next, 2).events.size(), 1U);
}

TEST_F(EventsPageTest, AnEmptyLogCanBeReadOnFromItsStart) {
  const std::string other = make_team("other").team_id;
  const auto empty = events_page(*store_, other, {}, {}, 10);
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->events.empty());
  EXPECT_TRUE(events_page(*store_, other, {}, empty->next, 10));
}

TEST_F(EventsPageTest, ACursorThatCannotBeContinuedIsRefused) {
  const auto third = decode_cursor(page({}, {}, 3).next);
  ASSERT_TRUE(third);
  Cursor of_another_log = *third;
  of_another_log.epoch = "01KGJX5B3V9M3S4T5V6W7X8Y9Z";
  Cursor of_the_future = *third;
  of_the_future.seq = 6;
  Cursor far_away = *third;
  far_away.seq = ~std::uint64_t{0};
  Cursor of_another_event = *third;
  of_another_event.seq = 2;
  Cursor before_the_start = *third;
  before_the_start.seq = 0;
  for (const Cursor& cursor : {of_another_log, of_the_future, far_away, of_another_event, before_the_start}) {
    EXPECT_EQ(refusal(cursor), ErrorKind::invalid) << cursor.seq;
  }
  EXPECT_TRUE(resume(*store_, team_, encode_cursor(*third)));
  EXPECT_EQ(events_page(*store_, team_, {}, "nonsense", 10).error().kind, ErrorKind::invalid);
}

TEST_F(EventsPageTest, ACursorOfAnotherTeamIsRefused) {
  const std::string other = make_team("other").team_id;
  append_body(other, 9, "{\"theirs\":true}", {});
  const auto theirs = events_page(*store_, other, {}, {}, 10);
  ASSERT_TRUE(theirs);
  EXPECT_FALSE(resume(*store_, team_, theirs->next));
}

}  // namespace
}  // namespace pawprint::hub::board
