// What went to the overflow is as visible as what is queued: counted, listed, shown, exported, and explained.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

#include "base/environment.h"
#include "base/file_lock.h"
#include "harness/sandbox.h"
#include "outbox/outbox.h"
#include "sqlite/connection.h"

namespace pawprint::testing {
namespace {

class Overflow : public ::testing::Test {
 protected:
  Overflow()
      : machine_(directory_.path() / "home", directory_.path() / "project"),
        environment_(process_environment()) {
    make_project(machine_);
    uuid_ = machine_.json({"init"}).data().at("uuid").as_string();
    fs::create_directories(machine_.home);
    fs::permissions(machine_.home, fs::perms(0700));
  }

  std::string emit(const std::string& where) const {
    const auto emitted = machine_.json({"emit", "Ping", "--aggregate", "A"});
    EXPECT_EQ(emitted.exit_code, 0) << emitted.err;
    EXPECT_EQ(emitted.data().at("where").as_string(), where);
    return std::string(emitted.data().at("event_id").as_string());
  }
  // Somebody else has the queue for as long as it takes.
  std::string spill() const {
    const auto held = FileLock::acquire(machine_.home / "home.lock", std::chrono::milliseconds(0));
    EXPECT_TRUE(held);
    return emit("spill");
  }
  void link(const std::string& origin = "http://127.0.0.1:9") const {
    outbox::Link link;
    link.project_uuid = uuid_;
    link.repo_instance = (machine_.directory / ".git").string();
    link.server_origin = origin;
    link.team_id = "t";
    link.user_id = "u";
    link.team_slug = "acme";
    ASSERT_TRUE(outbox::Outbox::open(environment_, machine_.home).value().link(link, false));
  }
  void sign_in(const std::string& until) const {
    write_text(
        machine_.home / "sessions.toml",
        "[[session]]\norigin = \"http://127.0.0.1:9\"\nuser_id = \"u\"\nusername = \"kim\"\n"
        "team_id = \"t\"\nteam_slug = \"acme\"\naccess = \"x\"\nrefresh = \"y\"\naccess_expires_at = " +
            until + "\nrefresh_expires_at = " + until + "\n");
    fs::permissions(machine_.home / "sessions.toml", fs::perms(0600));
  }
  boost::json::object status(int exit_code = 0) const {
    const auto outcome = machine_.json({"sync", "status"});
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    return outcome.object.at("data").as_object();
  }
  // "id state" of each.
  std::vector<std::string> listed(std::vector<std::string> words = {}, int exit_code = 0) const {
    words.insert(words.begin(), {"sync", "list"});
    const auto outcome = machine_.json(words);
    EXPECT_EQ(outcome.exit_code, exit_code);
    std::vector<std::string> events;
    for (const auto& event : outcome.object.at("data").at("events").as_array()) {
      events.push_back(std::string(event.at("event_id").as_string()) + " " +
                       std::string(event.at("state").as_string()));
    }
    return events;
  }
  // What the first finding about it says to type; empty: there is none.
  std::string command_of_doctor_for(std::string_view check) const {
    const auto examined = machine_.json({"doctor"});
    for (const auto& finding : examined.object.at("data").at("findings").as_array()) {
      if (finding.at("check").as_string() == check) return std::string(finding.at("command").as_string());
    }
    return "";
  }
  static std::int64_t number(const boost::json::value& value) { return value.to_number<std::int64_t>(); }

  TemporaryDirectory directory_;
  Machine machine_;
  Environment environment_;
  std::string uuid_;
};

using Events = std::vector<std::string>;

TEST_F(Overflow, TheAddressOfAHubIsQuotedForTheShell) {
  link("http://[::1]:9");
  emit("queue");
  const std::string command = "pawprint auth login --server 'http://[::1]:9' --team acme";
  EXPECT_EQ(status().at("why_not_now").as_string(), "not signed in: " + command);
  EXPECT_EQ(command_of_doctor_for("sessions"), command);
}

TEST_F(Overflow, IsSeenBeforeThereIsAQueue) {
  const std::string first = spill();
  const std::string second = spill();
  ASSERT_FALSE(fs::exists(machine_.home / "outbox.db"));
  EXPECT_EQ(number(status().at("queue").at("spilled")), 2);
  EXPECT_EQ(status().at("why_not_now").as_string(), "this project is not linked: pawprint sync link");
  EXPECT_EQ(listed(), (Events{first + " spilled", second + " spilled"}));
  EXPECT_EQ(listed({"--state", "spilled"}).size(), 2U);
  EXPECT_EQ(listed({"--limit", "1"}), Events{first + " spilled"});
  EXPECT_TRUE(listed({"--state", "pending"}).empty());
  const auto shown = machine_.json({"sync", "show", second});
  EXPECT_EQ(shown.data().at("state").as_string(), "spilled");
  const auto saved = machine_.json({"sync", "export", "--out", "queue.jsonl"});
  EXPECT_EQ(saved.exit_code, 0);
  EXPECT_EQ(number(saved.data().at("events")), 2);
  EXPECT_EQ(number(saved.data().at("spilled")), 2);
  EXPECT_NE(read_text(machine_.directory / "queue.jsonl").find(second), std::string::npos);
  EXPECT_FALSE(fs::exists(machine_.home / "outbox.db")) << "reading made a queue";
  EXPECT_EQ(machine_.json({"sync", "discard", second, "--yes"}).exit_code, 0);
  EXPECT_EQ(listed(), Events{first + " pending"});
}

TEST_F(Overflow, IsListedBehindTheQueueWithItsDestination) {
  link();
  const std::string queued = emit("queue");
  const std::string spilled = spill();
  EXPECT_EQ(listed(), (Events{queued + " pending", spilled + " spilled"}));
  EXPECT_EQ(listed({"--limit", "1"}), Events{queued + " pending"});
  const auto shown = machine_.json({"sync", "show", spilled});
  EXPECT_EQ(shown.data().at("destination").at("team_slug").as_string(), "acme");
  EXPECT_EQ(shown.data().at("link_known"), true);
  EXPECT_EQ(shown.data().at("queued_at"), nullptr);
  const auto printed = machine_.run({"pawprint", "sync", "export"});
  EXPECT_NE(printed.out.find(queued), std::string::npos);
  EXPECT_NE(printed.out.find(spilled), std::string::npos);
  EXPECT_NE(machine_.run({"pawprint", "sync", "show", spilled}).out.find("spilled"), std::string::npos);
}

TEST_F(Overflow, ThatCannotBeTakenUpIsToldOfALinkThatIsMade) {
  emit("queue");
  spill();
  sign_in("2030-01-01T00:00:00Z");
  fs::permissions(machine_.home / "spill", fs::perms::owner_read | fs::perms::owner_exec);
  const Outcome linked =
      run(without_privileges(machine_.launch({"pawprint", "sync", "link", "--release", "--json"})));
  fs::permissions(machine_.home / "spill", fs::perms::owner_all);
  EXPECT_EQ(linked.exit_code, 0) << linked.err;
  const auto data = boost::json::parse(linked.out).at("data");
  EXPECT_TRUE(data.at("changed").as_bool());
  EXPECT_EQ(number(data.at("released")), 1);
  EXPECT_EQ(number(data.at("kept")), 1);
  EXPECT_TRUE(linked.err.starts_with("pawprint: warning: the link is made, but not all ")) << linked.err;
  EXPECT_TRUE(
      linked.err.ends_with("not sent: 1 event from before the link (try: pawprint sync link --release)\n"))
      << linked.err;
  EXPECT_EQ(number(machine_.json({"sync", "link", "--release"}).data().at("released")), 1);
}

TEST_F(Overflow, AndQueueMayBeGivenUpOnceTheirLinkIsEnded) {
  link();
  const std::string queued = emit("queue");
  const std::string spilled = spill();
  EXPECT_EQ(machine_.json({"sync", "discard", queued, "--yes"}).exit_code, 1);
  ASSERT_EQ(machine_.json({"sync", "unlink"}).exit_code, 0);
  {
    const auto delivery = FileLock::acquire(machine_.home / "agent.lock", std::chrono::milliseconds(0));
    const auto refused = machine_.json({"sync", "discard", queued, "--yes"});
    EXPECT_EQ(refused.error("kind"), "busy");
    EXPECT_EQ(refused.error("hint"), "pawprint sync discard " + queued);
  }
  for (const std::string& each : {queued, spilled}) {
    EXPECT_NE(machine_.run({"pawprint", "sync", "show", each}).out.find("pawprint sync discard " + each),
              std::string::npos);
    EXPECT_EQ(machine_.json({"sync", "discard", each, "--yes"}).exit_code, 0);
  }
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(number(status().at("queue").at("ended")), 0);
}

TEST_F(Overflow, IsSeenAlsoWhenTheQueueIsDamaged) {
  emit("queue");
  const std::string spilled = spill();
  fs::remove(machine_.home / "outbox.db-wal");
  fs::remove(machine_.home / "outbox.db-shm");
  write_text(machine_.home / "outbox.db", std::string(8192, 'x'));
  EXPECT_EQ(number(status(1).at("queue").at("spilled")), 1);
  EXPECT_EQ(listed({}, 1), Events{spilled + " spilled"});
  EXPECT_EQ(machine_.json({"sync", "show", spilled}).exit_code, 0);
  const auto saved = machine_.json({"sync", "export", "--out", "queue.jsonl"});
  EXPECT_EQ(saved.exit_code, 1);
  EXPECT_EQ(saved.error("hint"), "pawprint doctor");
  EXPECT_NE(read_text(machine_.directory / "queue.jsonl").find(spilled), std::string::npos);
}

TEST_F(Overflow, OfADamagedQueueNothingIsSaidThatIsNotKnown) {
  link();
  const std::string queued = emit("queue");
  fs::remove(machine_.home / "outbox.db-wal");
  fs::remove(machine_.home / "outbox.db-shm");
  write_text(machine_.home / "outbox.db", std::string(8192, 'x'));
  EXPECT_EQ(status(1).at("queue").at("pending"), nullptr);
  EXPECT_EQ(status(1).at("queue").at("unlinked"), nullptr);
  const auto printed = machine_.run({"pawprint", "sync", "status"});
  EXPECT_NE(printed.out.find("queue     cannot be read"), std::string::npos) << printed.out;
  EXPECT_EQ(printed.out.find("link      none"), std::string::npos) << printed.out;
  const auto examined = machine_.json({"doctor"});
  const std::string findings = boost::json::serialize(examined.data().at("findings"));
  EXPECT_EQ(findings.find("not linked"), std::string::npos) << findings;
  EXPECT_NE(findings.find("it is set aside"), std::string::npos) << findings;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"sync", "show", queued},
                                             {"sync", "list"},
                                             {"sync", "diagnose"},
                                             {"sync", "retry", "--all"},
                                             {"sync", "retry", queued},
                                             {"sync", "discard", queued, "--yes"},
                                             {"sync", "unlink"}}) {
    const auto outcome = machine_.json(words);
    EXPECT_EQ(outcome.exit_code, 1) << words[1];
    EXPECT_EQ(outcome.error("hint"), "pawprint doctor") << words[1];
  }
}

TEST_F(Overflow, IsCheckedWithTheQueue) {
  emit("queue");
  spill();
  EXPECT_EQ(number(machine_.json({"sync", "diagnose"}).data().at("checked")), 2);
}

TEST_F(Overflow, ThatCannotBeReadKeepsNoOtherStateFromBeingListed) {
  const std::string queued = emit("queue");
  fs::remove_all(machine_.home / "spill");
  write_text(machine_.home / "spill", "no directory");
  EXPECT_EQ(listed({"--state", "pending"}), Events{queued + " pending"});
  EXPECT_EQ(machine_.json({"sync", "list", "--state", "spilled"}).exit_code, 1);
}

TEST_F(Overflow, LinesThatCannotBeReadAreReported) {
  spill();
  write_text(machine_.home / "spill/events.jsonl",
             read_text(machine_.home / "spill/events.jsonl") + "{\"highest\":9,\"li\n");
  const auto saved = machine_.json({"sync", "export", "--out", "queue.jsonl"});
  EXPECT_EQ(saved.exit_code, 1);
  EXPECT_EQ(saved.data().at("unreadable").as_array().size(), 1U);
  const auto diagnosed = machine_.json({"sync", "diagnose"});
  EXPECT_EQ(diagnosed.exit_code, 1);
  EXPECT_EQ(number(diagnosed.data().at("unreadable")), 1);
  EXPECT_EQ(number(diagnosed.data().at("checked")), 1);
  EXPECT_EQ(command_of_doctor_for("queue"), "pawprint sync now");
  emit("queue");
  EXPECT_EQ(machine_.json({"sync", "diagnose"}).error("hint"), "pawprint doctor");
  EXPECT_EQ(number(status().at("queue").at("rejected")), 1);
  const auto printed = machine_.run({"pawprint", "sync", "status"});
  EXPECT_NE(printed.out.find("rejected  1 "), std::string::npos) << printed.out;
  Launch shell = machine_.launch({"git"});
  shell.words = {"/bin/sh", "-c", command_of_doctor_for("queue")};
  ASSERT_EQ(run(shell).exit_code, 0) << shell.words.back();
  EXPECT_EQ(machine_.json({"sync", "diagnose"}).exit_code, 0);
  EXPECT_EQ(command_of_doctor_for("queue"), "");
}

TEST_F(Overflow, ItsOldestEventIsTheOldestThatWaits) {
  const std::string spilled = spill();
  const auto oldest = status().at("queue").at("oldest");
  ASSERT_TRUE(oldest.is_string());
  const auto shown = machine_.json({"sync", "show", spilled});
  EXPECT_EQ(shown.data().at("event").at("timestamp"), oldest);
  EXPECT_NE(machine_.run({"pawprint", "sync", "status"}).out.find("oldest    "), std::string::npos);
  emit("queue");
  EXPECT_EQ(status().at("queue").at("oldest"), oldest) << "it is as old in the queue";
}

TEST_F(Overflow, WhyItIsNotDeliveredNowIsSaid) {
  link();
  const std::string spilled = spill();
  EXPECT_EQ(status().at("why_not_now").as_string(),
            "not signed in: pawprint auth login --server http://127.0.0.1:9 --team acme");
  sign_in("2099-01-01T00:00:00Z");
  EXPECT_EQ(status().at("why_not_now").as_string(),
            "what waits is in the overflow until the next delivery: pawprint sync now");
  const auto examined = machine_.json({"doctor"});
  EXPECT_NE(boost::json::serialize(examined.data().at("findings")).find("in the overflow; a delivery takes"),
            std::string::npos);
  emit("queue");
  EXPECT_EQ(status().at("why_not_now"), nullptr);
  sign_in("2020-01-01T00:00:00Z");
  EXPECT_EQ(status().at("why_not_now").as_string(),
            "no session for the linked team: pawprint auth login --server http://127.0.0.1:9 --team acme");
}

// A program that knows nothing of home.lock has the database.
class ForeignLock : public Overflow {
 protected:
  sqlite::Connection lock_with(const char* statements) const {
    auto other = sqlite::Connection::open(machine_.home / "outbox.db", sqlite::Access::read_write);
    EXPECT_TRUE(other->execute(statements));
    return *std::move(other);
  }
  // All that doctor says of the queue, with the commands.
  std::string doctor_of_queue() const {
    std::string said;
    const auto examined = machine_.json({"doctor"});
    for (const auto& finding : examined.object.at("data").at("findings").as_array()) {
      if (finding.at("check").as_string() == "queue") said += boost::json::serialize(finding);
    }
    return said;
  }
  void expect_led_to_doctor(const std::vector<std::string>& words) const {
    const auto stopped = machine_.json(words);
    EXPECT_EQ(stopped.exit_code, 1) << words.back();
    EXPECT_EQ(stopped.error("hint"), "pawprint doctor") << words.back();
  }
  std::string holder() const { return "process " + std::to_string(::getpid()); }
};

TEST_F(ForeignLock, IsNamedByDoctorAndEveryCommandThatItStopsLeadsThere) {
  link();
  emit("queue");
  {
    const auto other = lock_with("BEGIN EXCLUSIVE");
    emit("spill");
    EXPECT_TRUE(doctor_of_queue().contains(holder())) << doctor_of_queue();
    EXPECT_TRUE(doctor_of_queue().contains("ps -p " + std::to_string(::getpid())));
    expect_led_to_doctor({"sync", "unlink"});
    expect_led_to_doctor({"sync", "retry", "--all"});
  }
  EXPECT_EQ(doctor_of_queue(), "");
}

// The lock of an open file description has no process that could be named either.
TEST_F(ForeignLock, OfAProcessThatCannotBeSeenFromHereIsSaidToBeThat) {
  emit("queue");
  const int descriptor = ::open((machine_.home / "outbox.db").c_str(), O_RDWR | O_CLOEXEC);
  struct flock pending{};
  pending.l_type = F_WRLCK;
  pending.l_whence = SEEK_SET;
  pending.l_start = 0x40000000;
  pending.l_len = 1;
  ASSERT_EQ(::fcntl(descriptor, F_OFD_SETLK, &pending), 0);
  const std::string said = doctor_of_queue();
  EXPECT_TRUE(said.contains("a process that cannot be seen from here")) << said;
  EXPECT_FALSE(said.contains("ps -p")) << said;
  ::close(descriptor);
}

TEST_F(ForeignLock, ThatKeepsReadersOutIsNoDamageAndTakesNoLinkFromALine) {
  link();
  emit("queue");
  const std::string spilled = spill();
  const auto other = lock_with("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
  EXPECT_TRUE(doctor_of_queue().contains(holder())) << doctor_of_queue();
  EXPECT_FALSE(doctor_of_queue().contains("set aside")) << doctor_of_queue();
  const std::string listed = machine_.run({"pawprint", "sync", "list"}).out;
  EXPECT_TRUE(listed.contains(spilled)) << listed;
  EXPECT_TRUE(listed.contains("  link not known\n")) << listed;
  const auto json = machine_.json({"sync", "list"});
  EXPECT_EQ(json.data().at("events").at(0).at("destination"), nullptr);
  EXPECT_EQ(json.data().at("events").at(0).at("link_known"), false);
  expect_led_to_doctor({"sync", "now"});
}

TEST_F(Overflow, OfAQueueThatCannotBeReadNoFigureIsMadeUp) {
  emit("queue");
  spill();
  ASSERT_TRUE(sqlite::Connection::open(machine_.home / "outbox.db", sqlite::Access::read_write)
                  ->execute("PRAGMA user_version = 99"));
  const auto queue = status(1).at("queue").as_object();
  EXPECT_EQ(queue.at("parked"), nullptr);
  EXPECT_EQ(queue.at("destinations"), nullptr);
  EXPECT_EQ(queue.at("oldest"), nullptr);
  EXPECT_EQ(number(queue.at("spilled")), 1);
  const auto& project = queue.at("projects").as_array().at(0);
  EXPECT_EQ(project.at("pending"), nullptr);
  EXPECT_EQ(number(project.at("spilled")), 1);
  EXPECT_EQ(status(1).at("restored"), nullptr);
  const std::string printed = machine_.run({"pawprint", "sync", "status"}).out;
  EXPECT_FALSE(printed.contains("0 to send")) << printed;
  EXPECT_FALSE(printed.contains("oldest ")) << printed;
  const auto examined = machine_.json({"doctor"});
  EXPECT_EQ(examined.data().at("high_water"), nullptr);
  EXPECT_TRUE(examined.data().at("versions").at("sqlite").is_string());
  const std::string said = machine_.run({"pawprint", "doctor"}).out;
  EXPECT_TRUE(said.contains(", queue not known\n")) << said;
  EXPECT_TRUE(said.contains("SQLite ")) << said;
}

std::size_t times(std::string_view words, std::string_view text) {
  std::size_t found = 0;
  for (auto at = text.find(words); at != text.npos; at = text.find(words, at + 1)) ++found;
  return found;
}

TEST_F(Overflow, ACauseIsToldOnOneLine) {
  emit("queue");
  const fs::path sessions = machine_.home / "sessions.toml";
  write_text(sessions, "[[session]]\norigin = 3\n");
  fs::permissions(sessions, fs::perms(0600));
  const Outcome examined = machine_.run({"pawprint", "doctor"});
  EXPECT_EQ(times("is damaged, so nobody is signed in", examined.out + examined.err), 1U)
      << examined.out << examined.err;
  EXPECT_EQ(times("is damaged, so nobody", machine_.run({"pawprint", "sync", "status"}).err), 1U);
  write_text(machine_.home / "spill/events.jsonl", "torn\n");
  const Outcome diagnosed = machine_.run({"pawprint", "sync", "diagnose"});
  EXPECT_EQ(times("1 line of the overflow cannot be read", diagnosed.out + diagnosed.err), 1U)
      << diagnosed.out << diagnosed.err;
  ASSERT_TRUE(sqlite::Connection::open(machine_.home / "outbox.db", sqlite::Access::read_write)
                  ->execute("PRAGMA user_version = 99"));
  const Outcome emitted = machine_.run({"pawprint", "emit", "Ping", "--aggregate", "A"});
  EXPECT_EQ(times("pawprint: ", emitted.err), 1U) << emitted.err;
  EXPECT_TRUE(emitted.err.contains("pawprint --version")) << emitted.err;
}

TEST_F(Overflow, WhoMayNotUseTheSessionsIsToldThatNoHubWasAsked) {
  emit("queue");
  sign_in("2099-01-01T00:00:00Z");
  fs::permissions(machine_.home / "sessions.toml", fs::perms(0644));
  const auto examined = machine_.json({"doctor"});
  EXPECT_TRUE(examined.data().at("versions").at("agent").is_string());
  EXPECT_TRUE(
      boost::json::serialize(examined.data().at("findings")).contains("no hub of a session was asked"));
}

}  // namespace
}  // namespace pawprint::testing
