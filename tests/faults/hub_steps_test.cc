// A hub, or a command of its administrator, that is killed at a step of its upkeep: while it brings the
// schema up to date, backs up, restores, folds the boards anew, or while its projector writes.
#include <set>

#include "faults/fault_fixture.h"
#include "hub/store/transition_run.h"
#include "sqlite/connection.h"

namespace pawprint::testing {
namespace {

constexpr std::uint64_t kEvents = 60;
constexpr std::int64_t kOlderSchema = 4;

class HubSteps : public FaultTest {
 protected:
  HubSteps() : member_(kim()) {
    EXPECT_EQ(member_.batch(member_events(1, kEvents), ledger_).success, kEvents);
    EXPECT_EQ(member_.batch(moves(), ledger_).success, 3U);
  }

  static std::vector<std::string> moves() {
    return {member_move({.number = 101, .wp = 1}),
            member_move({.number = 102, .cause = 101, .wp = 1, .from = "in_progress", .to = "for_review"}),
            member_move({.number = 103, .cause = 101, .wp = 1, .from = "in_progress", .to = "done"})};
  }

  void end_hub() {
    hub_.signal(SIGTERM);
    EXPECT_EQ(hub_.wait(), 0);
  }

  sqlite::Connection database(const fs::path& data) const {
    auto opened = sqlite::Connection::open(data / "hub.db", sqlite::Access::read_write);
    if (!opened) throw std::runtime_error(opened.error().message);
    opened->busy_timeout_ms(10'000);  // of a hub that runs, the projector may be writing
    return std::move(*opened);
  }

  std::string one(const std::string& sql) const { return one(sql, hub_.data()); }
  std::string one(const std::string& sql, const fs::path& data) const {
    auto connection = database(data);
    auto select = connection.prepare(sql);
    EXPECT_TRUE(select && select->step()) << sql;
    return select ? select->text(0) : "";
  }

  std::vector<std::string> all(const std::string& sql) const {
    auto connection = database(hub_.data());
    auto select = connection.prepare(sql);
    EXPECT_TRUE(select) << sql;
    std::vector<std::string> values;
    while (select && select->step().value_or(false)) values.push_back(select->text(0));
    return values;
  }

  // What a program that knew fewer steps would have left.
  void make_older() const {
    auto connection = database(hub_.data());
    const auto made = connection.execute(
        "BEGIN; DROP TABLE invitations; ALTER TABLE hub_meta DROP COLUMN write_probes;"
        "DROP INDEX events_by_project; DROP TABLE board_transition_runs; DROP TABLE board_nodes;"
        "CREATE TABLE board_transitions (team_id); DELETE FROM schema_version WHERE version > " +
        std::to_string(kOlderSchema) + "; COMMIT");
    ASSERT_TRUE(made) << made.error().message;
  }

  // "4 old", "10 new"; anything else is a half.
  std::string schema() const {
    const std::string there =
        one("SELECT (SELECT count(*) FROM sqlite_schema"
            " WHERE name IN ('invitations', 'events_by_project', 'board_transition_runs', 'board_nodes')) +"
            " (SELECT count(*) FROM pragma_table_info('hub_meta') WHERE name = 'write_probes') +"
            " (SELECT count(*) FROM pragma_table_info('invitations') WHERE name = 'inviter_id')");
    const std::string version = one("SELECT max(version) FROM schema_version");
    return version + (there == "0" ? " old" : there == "6" ? " new" : " half: " + there + " of 6");
  }

  // The position of each board is not ahead of the log, and no work package that the log has is missing.
  void expect_cursor_behind_rows() const {
    EXPECT_EQ(one("SELECT count(*) FROM board_positions p LEFT JOIN teams t USING (team_id)"
                  " WHERE instr(p.team_id, ' ') = 0 AND p.seq > coalesce(t.head_seq, 0)"),
              "0");
    std::set<std::string> rows;
    for (const std::string& run : all("SELECT changes FROM board_transition_runs")) {
      std::vector<hub::store::TransitionRow> changes;
      ASSERT_TRUE(hub::store::read_transitions(run, changes));
      for (const auto& change : changes) rows.insert(change.order.event_id);
    }
    for (const std::string& id : all("SELECT e.event_id FROM events e JOIN board_positions p USING (team_id)"
                                     " WHERE e.seq <= p.seq AND e.event_type = 'WPStatusChanged'")) {
      EXPECT_TRUE(rows.contains(id)) << "the cursor is ahead of the rows: " << id;
    }
  }

  Outcome killed_at(const std::string& step, std::vector<std::string> words) {
    return hub_.try_to_run(std::move(words), "", {{"PAWPRINT_FAILPOINT", step}});
  }

  Member member_;
};

TEST_F(HubSteps, OfAMigrationLeaveTheOldSchemaOrTheNewOne) {
  end_hub();
  for (const auto& [step, left] : {std::pair("hub-migrate-step:1", "4 old"),
                                   {"hub-migrate-step:2", "4 old"},
                                   {"hub-migrate-step:3", "4 old"},
                                   {"hub-migrate-before-commit", "4 old"},
                                   {"hub-migrate-committed", "10 new"}}) {
    SCOPED_TRACE(step);
    make_older();
    EXPECT_EQ(schema(), "4 old");
    EXPECT_EQ(killed_at(step, {"migrate"}).exit_code, kKilled);
    EXPECT_EQ(schema(), left);
    const Outcome again = hub_.try_to_run({"migrate"});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(schema(), "10 new");
  }
  hub_.start();
  expect_laws();
}

TEST_F(HubSteps, OfAMigrationThatAStartBringsAboutLeaveTheOldSchemaOrTheNewOne) {
  end_hub();
  for (const char* step : {"hub-migrate-step:2", "hub-migrate-before-commit", "hub-migrate-committed"}) {
    SCOPED_TRACE(step);
    make_older();
    const auto refused = hub_.try_to_start({{"PAWPRINT_FAILPOINT", step}});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->exit_code, kKilled);
    EXPECT_FALSE(schema().contains("half")) << schema();
    hub_.start();
    EXPECT_EQ(schema(), "10 new");
    expect_laws();
    end_hub();
  }
}

TEST_F(HubSteps, OfABackupLeaveAWholeFileOrNone) {
  const fs::path file = directory_.path() / "backup.db";
  for (const bool running : {false, true}) {
    for (const char* step : {"hub-backup-copied", "hub-copy-synced", "hub-copy-renamed"}) {
      SCOPED_TRACE(std::string(step) + (running ? ", of a hub that runs" : ""));
      if (running) {
        hub_.kill();
        hub_.start({{"PAWPRINT_FAILPOINT", step}});
        EXPECT_EQ(hub_.try_to_run({"backup", file.string()}).exit_code, 1) << "there was no answer";
        EXPECT_EQ(hub_.wait(), kKilled);
      } else {
        hub_.kill();
        EXPECT_EQ(killed_at(step, {"backup", file.string()}).exit_code, kKilled);
      }
      EXPECT_EQ(fs::exists(file), std::string_view(step) == "hub-copy-renamed");
      if (!fs::exists(file)) hub_.run({"backup", file.string()}, "");
      Hub restored(directory_.path() / "restored", hub_.url());
      restored.run({"restore", file.string()}, "");
      expect_whole(restored);
      ledger_.expect_kept(restored.data());
      fs::remove_all(restored.data());
      fs::remove(file);
    }
  }
  hub_.start();
  expect_laws();
}

TEST_F(HubSteps, OfARestoreLeaveAHubOrNone) {
  const fs::path file = directory_.path() / "backup.db";
  hub_.run({"backup", file.string()}, "");
  const std::string epoch = one("SELECT epoch FROM hub_meta");
  end_hub();
  for (const char* step :
       {"hub-restore-copied", "hub-restore-begun", "hub-copy-synced", "hub-copy-renamed"}) {
    SCOPED_TRACE(step);
    Hub restored(directory_.path() / "restored", hub_.url());
    EXPECT_EQ(restored.try_to_run({"restore", file.string()}, "", {{"PAWPRINT_FAILPOINT", step}}).exit_code,
              kKilled);
    const bool there = fs::exists(restored.data() / "hub.db");
    EXPECT_EQ(there, std::string_view(step) == "hub-copy-renamed");
    if (!there) restored.run({"restore", file.string()}, "");
    EXPECT_NE(one("SELECT epoch FROM hub_meta", restored.data()), epoch)
        << "a restored hub that says to be the one before";
    expect_whole(restored);
    ledger_.expect_kept(restored.data());
    fs::remove_all(restored.data());
  }
}

TEST_F(HubSteps, OfARebuildLeaveTheBoardThatTheLogGives) {
  end_hub();
  for (const char* step :
       {"hub-rebuild-cleared", "hub-board-half", "hub-board-before-commit:2", "hub-board-committed:2",
        "hub-rebuild-folded", "hub-rebuild-before-commit", "hub-rebuild-committed"}) {
    SCOPED_TRACE(step);
    EXPECT_EQ(killed_at(step, {"rebuild", "--team", "acme"}).exit_code, kKilled);
    expect_cursor_behind_rows();
    expect_whole(hub_);
    hub_.run({"rebuild"}, "");
    EXPECT_EQ(one("SELECT count(*) FROM board_cards WHERE instr(team_id, ' ') > 0"), "0");
  }
  hub_.start();
  expect_laws();
}

TEST_F(HubSteps, OfTheProjectorLeaveItsCursorNoFurtherThanItsRows) {
  std::uint64_t next = 1001;
  expect_whole(hub_);  // so that nothing waits for the projector of the next start
  for (const char* step :
       {"hub-board-half", "hub-board-rows", "hub-board-before-commit", "hub-board-committed"}) {
    SCOPED_TRACE(step);
    hub_.kill();
    hub_.start({{"PAWPRINT_FAILPOINT", step}});
    const std::vector<std::string> moves = {
        member_move({.number = next, .wp = 2}),
        member_move({.number = next + 1, .cause = next, .wp = 2, .from = "in_progress", .to = "for_review"})};
    next += 2;
    member_.batch(moves, ledger_);  // the projector follows when it likes, so there may be no answer
    EXPECT_EQ(hub_.wait(), kKilled);
    expect_cursor_behind_rows();
    ledger_.expect_kept(hub_.data());
    hub_.start();
    member_.batch(moves, ledger_);
    expect_laws();
  }
}

TEST_F(HubSteps, OfADryRunChangeNothingAndSayWhatWouldBeDone) {
  end_hub();
  make_older();
  const std::string before = read_text(hub_.data() / "hub.db");
  const Outcome tried = hub_.try_to_run({"migrate", "--dry-run"});
  EXPECT_EQ(tried.exit_code, 0) << tried.err;
  EXPECT_TRUE(tried.out.starts_with("schema version 4 -> 10\n  5  index of the log by project  "))
      << tried.out;
  EXPECT_TRUE(tried.out.contains("\n  7  invitations  ")) << tried.out;
  EXPECT_TRUE(tried.out.contains("it would pass: done on a copy, which took ")) << tried.out;
  EXPECT_EQ(killed_at("hub-migrate-step:2", {"migrate", "--dry-run"}).exit_code, kKilled);
  EXPECT_EQ(hub_.try_to_run({"migrate", "--dry-run"}).exit_code, 0) << "what a kill leaves is not in the way";
  EXPECT_FALSE(fs::exists(hub_.data() / "migrate"));
  EXPECT_TRUE(read_text(hub_.data() / "hub.db") == before) << "a dry run changed the database";
  EXPECT_EQ(schema(), "4 old");
  EXPECT_EQ(hub_.run({"migrate"}, "").substr(0, 23), "schema version 4 -> 10\n");
  EXPECT_EQ(hub_.run({"migrate"}, ""), "schema version 10: nothing to do\n");
  EXPECT_EQ(hub_.run({"migrate", "--dry-run"}, ""), "schema version 10: nothing to do\n");
}

// With what a table of a later version would break: the dry run finds it before the migration does.
TEST_F(HubSteps, OfAMigrationThatCannotPassAreFoundByADryRun) {
  end_hub();
  make_older();
  ASSERT_TRUE(database(hub_.data()).execute("CREATE TABLE invitations (something_else)"));
  const Outcome tried = hub_.try_to_run({"migrate", "--dry-run"});
  EXPECT_EQ(tried.exit_code, 1) << tried.out;
  EXPECT_TRUE(tried.err.contains("invitations")) << tried.err;
  EXPECT_EQ(hub_.try_to_run({"migrate"}).exit_code, 1);
  EXPECT_EQ(one("SELECT max(version) FROM schema_version"), "4") << "the steps before it are not done either";
}

TEST_F(HubSteps, OfANewerProgramAreRefusedByEveryCommand) {
  const fs::path file = directory_.path() / "backup.db";
  end_hub();
  ASSERT_TRUE(database(hub_.data()).execute("INSERT INTO schema_version(version) VALUES (99)"));
  fs::copy_file(hub_.data() / "hub.db", file);
  const std::string before = read_text(hub_.data() / "hub.db");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"serve", "--listen", "127.0.0.1:0"},
                                                {"migrate"},
                                                {"migrate", "--dry-run"},
                                                {"verify"},
                                                {"rebuild"},
                                                {"backup", (directory_.path() / "other.db").string()},
                                                {"team", "list"},
                                                {"token", "list"}}) {
    const Outcome refused = hub_.try_to_run(words);
    EXPECT_EQ(refused.exit_code, 1) << words[0];
    EXPECT_EQ(refused.err,
              "pawprint-hub: cannot use the hub's database: its schema is version 99, this program knows 10\n"
              "  try: install the pawprint-hub that wrote it, or a newer one\n")
        << words[0];
  }
  EXPECT_TRUE(read_text(hub_.data() / "hub.db") == before);
  const Hub restored(directory_.path() / "restored", "");
  EXPECT_TRUE(restored.try_to_run({"restore", file.string()}).err.contains("version 99"));
  EXPECT_FALSE(fs::exists(restored.data() / "hub.db"));
}

TEST_F(HubSteps, OfAMigrationNeedTheHubToBeDown) {
  make_older();  // as if the hub that runs were an older one
  const Outcome refused = hub_.try_to_run({"migrate"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.err.contains("a running pawprint-hub has it open")) << refused.err;
  EXPECT_EQ(hub_.try_to_run({"migrate", "--dry-run"}).exit_code, 0) << "which only reads";
}

}  // namespace
}  // namespace pawprint::testing
