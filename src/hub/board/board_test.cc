#include "hub/board/board.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "hub/board/board_fixture.h"
#include "hub/board/cursor.h"
#include "sqlite/connection.h"

namespace pawprint::hub::board {
namespace {

class BoardTest : public BoardFixture {};

const Said kCreated{
    .number = 1,
    .event_type = "WPCreated",
    .payload = R"({"wp_id":"WP01","title":"Build it","feature_slug":"032-sync","dependencies":[]})",
    .lamport = 2};

TEST_F(BoardTest, ATeamWithoutEventsHasAnEmptyBoard) {
  Board board(*store_);
  const auto projects = board.projects(team_, std::nullopt, 100);
  ASSERT_TRUE(projects) << projects.error().message;
  EXPECT_TRUE(projects->projects.empty());
  const auto feature = board.feature(team_, kProject, kFeature);
  ASSERT_TRUE(feature) << feature.error().message;
  EXPECT_FALSE(*feature);
}

TEST_F(BoardTest, AWorkPackageThatWasOnlyCreatedIsPlanned) {
  Board board(*store_);
  append(kCreated);
  EXPECT_EQ(lanes_of(board), "WP01 in planned");
  const WorkPackageView card = only_card(board);
  EXPECT_EQ(card.title, "Build it");
  EXPECT_EQ(card.since, "2026-02-03T12:02:00.000Z");
  EXPECT_EQ(card.last_event_id, event_id(1));
  EXPECT_FALSE(card.assignee);
  EXPECT_FALSE(card.agent);
  EXPECT_FALSE(card.conflict_json);
}

TEST_F(BoardTest, TheCardShowsTheLastChangeWhoeverWasHeardFirst) {
  Board board(*store_);
  append({.number = 4,
          .event_type = "WPStatusChanged",
          .payload = payload_of_move("WP01", "for_review", "done"),
          .lamport = 1003,
          .node = "bbbbbbbbbbbb",
          .after = 3});
  EXPECT_EQ(lanes_of(board), "WP01 in done");
  append({.number = 3,
          .event_type = "WPStatusChanged",
          .payload = payload_of_move("WP01", "in_progress", "for_review"),
          .lamport = 1001,
          .after = 2});
  append({.number = 2,
          .event_type = "WPStatusChanged",
          .payload = payload_of_move("WP01", "planned", "in_progress"),
          .lamport = 1000});
  EXPECT_EQ(lanes_of(board), "WP01 in done");
  EXPECT_EQ(only_card(board).title, "WP01") << "nobody has told its title yet";
  append(kCreated);
  const WorkPackageView card = only_card(board);
  EXPECT_EQ(card.title, "Build it");
  EXPECT_EQ(card.lane, protocol::Lane::done);
  EXPECT_EQ(card.last_event_id, event_id(4));
  EXPECT_EQ(card.agent, "ada");
  EXPECT_FALSE(card.conflict_json);
}

TEST_F(BoardTest, AConflictIsOnTheCardUntilSomebodyDecides) {
  Board board(*store_);
  append({{.number = 2,
           .event_type = "WPStatusChanged",
           .payload = payload_of_move("WP01", "planned", "in_progress"),
           .lamport = 5},
          {.number = 3,
           .event_type = "WPStatusChanged",
           .payload = payload_of_move("WP01", "planned", "blocked"),
           .lamport = 6,
           .node = "bbbbbbbbbbbb"}});
  EXPECT_EQ(only_card(board).lane, protocol::Lane::blocked);
  EXPECT_EQ(only_card(board).conflict_json,
            fmt::format(R"({{"from_lane":"planned","winner":"{}","sides":[)"
                        R"({{"event_id":"{}","actor":"ada","node_id":"a1b2c3d4e5f6","to_lane":"in_progress",)"
                        R"("lamport_clock":5,"timestamp":"2026-02-03T12:05:00.000Z"}},)"
                        R"({{"event_id":"{}","actor":"ada","node_id":"bbbbbbbbbbbb","to_lane":"blocked",)"
                        R"("lamport_clock":6,"timestamp":"2026-02-03T12:06:00.000Z"}}]}})",
                        event_id(3), event_id(2), event_id(3)));
  append({.number = 4,
          .event_type = "WPStatusChanged",
          .payload = payload_of_move("WP01", "blocked", "in_progress", R"(,"resolve":true)"),
          .lamport = 7,
          .after = 3});
  EXPECT_EQ(only_card(board).lane, protocol::Lane::in_progress);
  EXPECT_FALSE(only_card(board).conflict_json);
}

TEST_F(BoardTest, TheLatestAssignmentCountsInTheOrderOfTheClocks) {
  Board board(*store_);
  append(kCreated);
  append({{.number = 3,
           .event_type = "WPAssigned",
           .payload = R"({"wp_id":"WP01","feature_slug":"032-sync","agent_id":"late","phase":"review"})",
           .lamport = 9},
          {.number = 2,
           .event_type = "WPAssigned",
           .payload = R"({"wp_id":"WP01","feature_slug":"032-sync","agent_id":"early","phase":"review"})",
           .lamport = 8}});
  EXPECT_EQ(only_card(board).assignee, "late");
  EXPECT_EQ(only_card(board).agent, "late");
  EXPECT_EQ(only_card(board).last_event_id, event_id(1));
}

TEST_F(BoardTest, AFeatureIsThereFromItsCreation) {
  Board board(*store_);
  append({.number = 1,
          .event_type = "FeatureCreated",
          .payload =
              R"({"feature_slug":"032-sync","feature_number":"032","target_branch":"main","wp_count":2})"});
  const FeatureView view = feature_of(board);
  EXPECT_EQ(view.number, "032");
  EXPECT_EQ(view.target_branch, "main");
  EXPECT_EQ(lanes_of(board), "");
  EXPECT_EQ(decode_cursor(view.as_of).value_or(Cursor{}).seq, 1U);
}

TEST_F(BoardTest, ProjectsAreListedWithTheCountsOfTheirFeatures) {
  Board board(*store_);
  append(kCreated);
  append({.number = 2,
          .event_type = "WPStatusChanged",
          .payload = payload_of_move("WP02", "planned", "in_progress"),
          .lamport = 3});
  clock_.advance_ms(1500);
  append({.number = 3, .event_type = "OurOwnType", .payload = R"({"anything":1})"});
  const auto projects = board.projects(team_, std::nullopt, 100);
  ASSERT_TRUE(projects) << projects.error().message;
  ASSERT_EQ(projects->projects.size(), 1U);
  const ProjectView& project = projects->projects.front();
  EXPECT_EQ(project.uuid, kProject);
  EXPECT_EQ(project.slug, "demo");
  EXPECT_FALSE(project.repo_slug);
  EXPECT_EQ(project.last_seen, "2026-02-03T12:00:01.500Z");
  ASSERT_EQ(project.features.size(), 1U);
  EXPECT_EQ(project.features[0].slug, kFeature);
  EXPECT_EQ(project.features[0].counts, (store::LaneCounts{1, 0, 1, 0, 0, 0, 0}));
}

TEST_F(BoardTest, TheSameWorkPackageIdInTwoFeaturesIsTwoCards) {
  Board board(*store_);
  append(kCreated);
  append({.number = 2,
          .event_type = "WPStatusChanged",
          .payload =
              R"({"wp_id":"WP01","feature_slug":"033-other","from_lane":"planned","to_lane":"blocked"})"});
  EXPECT_EQ(lanes_of(board), "WP01 in planned");
  EXPECT_EQ(lanes_of(board, "033-other"), "WP01 in blocked");
}

TEST_F(BoardTest, AChangeThatNamesNoFeatureIsKeptUnderUnknown) {
  Board board(*store_);
  append({.number = 1,
          .event_type = "WPStatusChanged",
          .payload = R"({"wp_id":"WP01","feature_slug":null,"from_lane":"planned","to_lane":"doing"})"});
  EXPECT_EQ(lanes_of(board, "unknown"), "WP01 in in_progress");
}

TEST_F(BoardTest, TheFirstGenerationIsReadInTheWordsOfTheSecond) {
  Board board(*store_);
  append_body(team_, 1,
              fmt::format(R"({{"event_id":"{}","event_type":"WPStatusChanged","aggregate_id":"WP01",)"
                          R"("payload":{{"wp_id":"WP01","previous_status":"planned","new_status":"doing",)"
                          R"("changed_by":"grace","feature_slug":"032-sync"}},"node_id":"cccccccccccc",)"
                          R"("lamport_clock":4,"causation_id":null,"timestamp":"2026-02-03T12:00:00Z"}})",
                          event_id(1)),
              std::string(kProject));
  EXPECT_EQ(only_card(board).lane, protocol::Lane::in_progress);
  EXPECT_EQ(only_card(board).agent, "grace");
}

TEST_F(BoardTest, WhatHasNoPlaceOnTheBoardIsPassedOver) {
  Board board(*store_);
  append(
      {{.number = 1,
        .event_type = "WPStatusChanged",
        .payload = payload_of_move("WP01", "planned", "done"),
        .project_uuid = std::nullopt},
       {.number = 2,
        .event_type = "WPStatusChanged",
        .payload = payload_of_move("WP01", "planned", "done"),
        .schema_version = "3.0.0"},
       {.number = 3, .event_type = "WPStatusChanged", .payload = payload_of_move("WP1", "planned", "done")},
       {.number = 4,
        .event_type = "WPStatusChanged",
        .payload = payload_of_move("WP01", "nowhere", "done")}});
  append_body(team_, 5, "{not even JSON", std::string(kProject));
  const auto projects = board.projects(team_, std::nullopt, 100);
  ASSERT_TRUE(projects) << projects.error().message;
  EXPECT_TRUE(projects->projects.empty());
  EXPECT_EQ(store_->boards().position(team_)->seq, 5U) << "they must not be read again and again";
}

TEST_F(BoardTest, NothingOfAnotherTeamIsSeen) {
  Board board(*store_);
  append(kCreated);
  const std::string other = make_team("other").team_id;
  EXPECT_EQ(board.projects(other, std::nullopt, 100)->projects.size(), 0U);
  EXPECT_FALSE(*board.feature(other, kProject, kFeature));
  Said theirs = kCreated;
  theirs.payload = R"({"wp_id":"WP01","title":"Theirs","feature_slug":"032-sync"})";
  append_body(other, 1, protocol::write_envelope(envelope_of(theirs)), std::string(kProject));
  ASSERT_TRUE(board.rebuild(other));
  EXPECT_EQ(only_card(board).title, "Build it");
}

// All the moves of two machines in four work packages, some without having heard of each other.
std::vector<Said> busy_log() {
  SeededRandom random(11);
  std::vector<Said> log;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    const std::string wp_id = fmt::format("WP{:02}", 1 + random.next_u64() % 4);
    Said said{.number = i, .event_type = "WPStatusChanged", .lamport = 1 + random.next_u64() % 200};
    said.node = random.next_u64() % 2 == 0 ? "aaaaaaaaaaaa" : "bbbbbbbbbbbb";
    const auto from = protocol::name_of(protocol::kLanes[random.next_u64() % 7]);
    const auto to = protocol::name_of(protocol::kLanes[random.next_u64() % 7]);
    said.payload = payload_of_move(wp_id, from, to, random.next_u64() % 9 == 0 ? R"(,"resolve":true)" : "");
    if (random.next_u64() % 3 != 0) said.after = 1 + random.next_u64() % 200;
    if (random.next_u64() % 6 == 0) {
      said.event_type = "WPCreated";
      said.payload =
          fmt::format(R"({{"wp_id":"{}","title":"by {}","feature_slug":"{}"}})", wp_id, i, kFeature);
    }
    log.push_back(std::move(said));
  }
  return log;
}

struct Table {
  std::string_view name;
  int columns;
};
constexpr std::array kTables = {Table{"board_positions", 3}, Table{"board_transition_runs", 6},
                                Table{"board_facts", 10},    Table{"board_cards", 11},
                                Table{"board_features", 3},  Table{"board_projects", 3},
                                Table{"board_nodes", 5}};

// Every row of the projection, byte for byte.
std::string dump(const Path& directory) {
  auto connection = sqlite::Connection::open(directory / "hub.db", sqlite::Access::read_only);
  EXPECT_TRUE(connection) << connection.error().message;
  std::string text;
  for (const Table& table : kTables) {
    text += fmt::format("{}:\n", table.name);
    auto rows = connection->prepare(fmt::format("SELECT * FROM {}", table.name));
    EXPECT_TRUE(rows) << rows.error().message;
    while (rows->step().value_or(false)) {
      for (int column = 0; column < table.columns; ++column) {
        text += rows->is_null(column) ? "-" : rows->text(column);
        text += '|';
      }
      text += '\n';
    }
  }
  return text;
}

TEST_F(BoardTest, ARebuildGivesTheSameRowsAsEveryWayOfCatchingUp) {
  append(busy_log());
  Board one_by_one(*store_, 1);
  ASSERT_TRUE(one_by_one.catch_up(team_));
  const std::string grown = dump(directory_);
  EXPECT_GT(grown.size(), 10'000U);
  EXPECT_NE(grown.find("\"winner\""), std::string::npos);
  for (const std::size_t chunk : {std::size_t{7}, std::size_t{1000}, std::size_t{1}}) {
    ASSERT_TRUE(Board(*store_, chunk).rebuild(team_));
    EXPECT_EQ(dump(directory_), grown) << "in chunks of " << chunk;
  }
}

TEST_F(BoardTest, NoPageOfProjectsBeginsAtAPlaceOfAnotherLog) {
  append(kCreated);
  Board board(*store_);
  ProjectsCursor place{.epoch = store_->epoch(), .uuid = std::string(kProject)};
  EXPECT_EQ(board.projects(team_, encode_projects_cursor(place), 10)->projects.size(), 1U);
  place.uuid.back() = '1';
  EXPECT_EQ(board.projects(team_, encode_projects_cursor(place), 10).error().kind, ErrorKind::invalid);
  place = {.epoch = "01KGJX5B3V9M3S4T5V6W7X8Y9Z", .uuid = std::string(kProject)};
  EXPECT_EQ(board.projects(team_, encode_projects_cursor(place), 10).error().kind, ErrorKind::invalid);
}

// Before schema version 8 each status change had a row of its own.
TEST_F(BoardTest, OfAnOlderHubIsFoldedAnewFromTheLog) {
  append(busy_log());
  ASSERT_TRUE(Board(*store_).catch_up(team_));
  const std::string folded = dump(directory_);
  store_.reset();
  {
    auto older = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
    ASSERT_TRUE(older);
    ASSERT_TRUE(
        older->execute("DELETE FROM schema_version WHERE version >= 8; DROP TABLE board_nodes; "
                       "ALTER TABLE invitations DROP COLUMN inviter_id; DROP TABLE board_transition_runs; "
                       "CREATE TABLE board_transitions (team_id)"));
  }
  open_store();
  EXPECT_EQ(store_->boards().position(team_)->seq, 0U);
  ASSERT_TRUE(Board(*store_).catch_up(team_));
  EXPECT_EQ(dump(directory_), folded);
}

TEST_F(BoardTest, TheOrderOfArrivalDoesNotShowOnTheCards) {
  std::vector<Said> log = busy_log();
  Board board(*store_);
  append(log);
  const std::string other = make_team("other").team_id;
  SeededRandom random(3);
  for (std::size_t i = log.size(); i > 1; --i) std::swap(log[i - 1], log[random.next_u64() % i]);
  for (std::size_t begin = 0; begin < log.size(); begin += 50) {
    std::vector<store::NewEvent> arriving;
    for (std::size_t i = begin; i < begin + 50; ++i) arriving.push_back(logged(log[i]));
    append_to(other, arriving);
    ASSERT_TRUE(board.catch_up(other));
  }
  const auto here = board.feature(team_, kProject, kFeature);
  const auto there = board.feature(other, kProject, kFeature);
  ASSERT_TRUE(here && there);
  for (std::size_t lane = 0; lane < protocol::kLanes.size(); ++lane) {
    const auto& cards = (*here)->lanes[lane];
    ASSERT_EQ(cards.size(), (*there)->lanes[lane].size());
    for (std::size_t i = 0; i < cards.size(); ++i) EXPECT_EQ(cards[i], (*there)->lanes[lane][i]);
  }
}

TEST_F(BoardTest, NoReaderSeesABoardThatIsHalfRebuilt) {
  append(busy_log());
  Board board(*store_, 5);
  ASSERT_TRUE(board.catch_up(team_));
  const auto whole = board.projects(team_, std::nullopt, 100);
  ASSERT_TRUE(whole);
  std::atomic<bool> done = false;
  std::thread rebuilding([&] {
    EXPECT_TRUE(board.rebuild(team_));
    done = true;
  });
  std::size_t reads = 0;
  for (bool last = false; !last; ++reads) {
    last = done;
    const auto seen = board.projects(team_, std::nullopt, 100);
    ASSERT_TRUE(seen);
    ASSERT_EQ(seen->projects.size(), 1U);
    EXPECT_EQ(seen->projects.front().features.front().counts,
              whole->projects.front().features.front().counts);
  }
  rebuilding.join();
  EXPECT_GT(reads, 1U);
}

TEST_F(BoardTest, ARebuildThatWasBrokenOffLeavesTheBoardAndHindersNoOther) {
  append(busy_log());
  ASSERT_TRUE(Board(*store_).catch_up(team_));
  const std::string before = dump(directory_);
  {
    auto half = store_->boards().update(team_ + " rebuilt");
    ASSERT_TRUE(half);
    ASSERT_TRUE(half->put_feature(kProject, "040-half"));
    ASSERT_TRUE(half->finish({.seq = 3, .body_hash = {}}));
  }
  ASSERT_TRUE(Board(*store_).rebuild(team_));
  EXPECT_EQ(dump(directory_), before);
}

TEST_F(BoardTest, AReaderDoesNotWaitForALongLogAndIsToldHowMuchIsMissing) {
  append(kCreated);
  Board board(*store_);
  ASSERT_TRUE(board.catch_up(team_));
  std::vector<Said> moves;
  for (std::uint64_t i = 2; i <= 5002; ++i) {
    moves.push_back({.number = i,
                     .event_type = "WPStatusChanged",
                     .payload = payload_of_move("WP01", i % 2 == 0 ? "planned" : "in_progress",
                                                i % 2 == 0 ? "in_progress" : "planned"),
                     .lamport = i});
    moves.back().after = i - 1;
  }
  append(moves);
  EXPECT_EQ(feature_of(board).events_behind, 5001U);
  ASSERT_TRUE(board.catch_up(team_));
  EXPECT_EQ(feature_of(board).events_behind, 0U);
  EXPECT_EQ(lanes_of(board), "WP01 in in_progress");
}

TEST_F(BoardTest, TheProjectionGoesOnWhereItStoodAfterARestart) {
  append(kCreated);
  ASSERT_TRUE(Board(*store_).catch_up(team_));
  open_store();
  Board board(*store_);
  EXPECT_EQ(store_->boards().position(team_)->seq, 1U);
  append({.number = 2,
          .event_type = "WPStatusChanged",
          .payload = payload_of_move("WP01", "planned", "in_progress"),
          .lamport = 3});
  EXPECT_EQ(lanes_of(board), "WP01 in in_progress");
}

TEST_F(BoardTest, AChangeThatIsNotFinishedLeavesNothing) {
  append(kCreated);
  Board board(*store_);
  ASSERT_TRUE(board.catch_up(team_));
  const std::string before = dump(directory_);
  {
    auto update = store_->boards().update(team_);
    ASSERT_TRUE(update);
    ASSERT_TRUE(update->clear());
    ASSERT_TRUE(update->put_feature(kProject, "040-half"));
  }
  EXPECT_EQ(dump(directory_), before);
}

TEST_F(BoardTest, ReadersAndAWriterAtOnceSeeEveryEventOnce) {
  Board board(*store_, 3);
  std::thread writer([&] {
    for (std::uint64_t i = 1; i <= 60; ++i) {
      append({.number = i,
              .event_type = "WPCreated",
              .payload = fmt::format(R"({{"wp_id":"WP{:02}","title":"t","feature_slug":"032-sync"}})", i)});
    }
  });
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      for (std::uint64_t seen = 0; seen < 60;) {
        const auto view = board.feature(team_, kProject, kFeature);
        ASSERT_TRUE(view) << view.error().message;
        if (!*view) continue;
        const auto cards = (*view)->lanes[0].size();
        ASSERT_EQ(decode_cursor((*view)->as_of)->seq, cards) << "cards and cursor are of one moment";
        seen = cards;
      }
    });
  }
  writer.join();
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace pawprint::hub::board
