// Who a project is, on the real programs: whatever its config.yaml, its repository or its machine is like,
// events carry one identity, nothing of the file is lost, and no secret of a remote's address leaves the
// repository.
#include <gtest/gtest.h>

#include <array>
#include <boost/json/parse.hpp>
#include <set>
#include <sstream>

#include "base/environment.h"
#include "harness/sandbox.h"
#include "outbox/outbox.h"

namespace pawprint::testing {
namespace {

using Uuids = std::set<std::string>;

class IdentityUnderFire : public ::testing::Test {
 protected:
  IdentityUnderFire() : machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
  }

  static std::vector<std::string> ping(const std::string& aggregate = "A") {
    return {"pawprint", "emit", "Ping", "--aggregate", aggregate};
  }
  static std::vector<boost::json::object> events_of(const Machine& machine) {
    std::vector<boost::json::object> events;
    std::istringstream lines(machine.run({"pawprint", "sync", "export"}).out);
    for (std::string line; std::getline(lines, line);) events.push_back(boost::json::parse(line).as_object());
    return events;
  }
  // "" for an event without identity.
  static Uuids uuids_of(const Machine& machine) {
    Uuids uuids;
    for (const boost::json::object& event : events_of(machine)) {
      const boost::json::value& uuid = event.at("project_uuid");
      uuids.insert(uuid.is_string() ? std::string(uuid.get_string()) : std::string());
    }
    return uuids;
  }
  static std::size_t count_in(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
  }
  std::string status_uuid() const {
    const auto uuid = machine_.json({"sync", "status"}).data().at("project").at("uuid");
    return uuid.is_string() ? std::string(uuid.get_string()) : std::string();
  }
  fs::path config() const { return machine_.directory / ".kittify/config.yaml"; }

  TemporaryDirectory directory_;
  Machine machine_;
};

TEST_F(IdentityUnderFire, EightProcessesThatMintAtOnceAgreeAndTheTreeHasNoOtherFile) {
  write_text(config(), "# ours\nagents: [a, b]\n");
  machine_.git({"add", "-A"});
  machine_.git({"commit", "-qm", "config"});
  {
    std::vector<Background> emitters;
    emitters.reserve(8);
    for (int i = 0; i < 8; ++i) emitters.emplace_back(machine_.launch(ping("A" + std::to_string(i))));
    for (Background& emitter : emitters) EXPECT_EQ(emitter.wait(), 0);
  }
  ASSERT_EQ(events_of(machine_).size(), 8U);
  EXPECT_EQ(uuids_of(machine_), Uuids{status_uuid()});
  EXPECT_EQ(machine_.git({"status", "--porcelain", "--untracked-files=all"}), " M .kittify/config.yaml\n");
  EXPECT_TRUE(read_text(config()).starts_with("# ours\nagents: [a, b]\n"));
}

TEST_F(IdentityUnderFire, AReadOnlyRepositoryHasOneIdentityInEveryProcessAndIsNeverLinked) {
  write_text(config(), "a: 1\n");
  const auto locked = fs::perms::owner_read | fs::perms::owner_exec;
  fs::permissions(machine_.directory / ".kittify", locked);
  for (int i = 0; i < 3; ++i) {
    const Outcome emitted = testing::run(without_privileges(machine_.launch(ping())));
    EXPECT_EQ(emitted.exit_code, 0) << emitted.err;
    EXPECT_EQ(count_in(emitted.err, "pawprint: warning: "), 1U) << emitted.err;
    EXPECT_EQ(count_in(emitted.err, "stay on this machine"), 1U) << emitted.err;
  }
  const Uuids uuids = uuids_of(machine_);
  EXPECT_EQ(uuids.size(), 1U);
  EXPECT_FALSE(uuids.contains(""));
  EXPECT_EQ(read_text(config()), "a: 1\n");

  // Also with somebody signed in.
  write_text(
      machine_.home / "sessions.toml",
      "[[session]]\norigin = \"http://127.0.0.1:9\"\nuser_id = \"u\"\nusername = \"kim\"\nteam_id = \"t\"\n"
      "team_slug = \"acme\"\naccess = \"x\"\nrefresh = \"y\"\naccess_expires_at = 2099-01-01T00:00:00Z\n"
      "refresh_expires_at = 2099-01-01T00:00:00Z\n");
  fs::permissions(machine_.home / "sessions.toml", fs::perms(0600));
  const Outcome linked =
      testing::run(without_privileges(machine_.launch({"pawprint", "sync", "link", "--release"})));
  EXPECT_EQ(linked.exit_code, 1) << linked.out << linked.err;
  EXPECT_NE(linked.err.find("  try: "), std::string::npos) << linked.err;
  fs::permissions(machine_.directory / ".kittify", fs::perms::owner_all);
  EXPECT_EQ(machine_.json({"sync", "status"}).data().at("project").at("link"), nullptr);
}

TEST_F(IdentityUnderFire, AFileInThePlaceOfTheFolderIsNamedWithTheCommandThatMovesIt) {
  fs::remove_all(machine_.directory / ".kittify");
  write_text(machine_.directory / ".kittify", "mine");
  const auto emitted = machine_.json({"emit", "Ping", "--aggregate", "A"});
  EXPECT_EQ(emitted.exit_code, 3);
  EXPECT_EQ(emitted.error("hint"), "pawprint init");
  const auto made = machine_.json({"init"});
  EXPECT_EQ(made.exit_code, 1);
  EXPECT_TRUE(made.error("hint").starts_with("mv ")) << made.error("hint");
  EXPECT_EQ(read_text(machine_.directory / ".kittify"), "mine");
}

TEST_F(IdentityUnderFire, ALinkWithinTheProjectIsFollowedAndStaysOne) {
  write_text(machine_.directory / "shared/config.yaml", "a: 1\n");
  fs::create_directories(config().parent_path());
  fs::remove(config());
  fs::create_symlink("../shared/config.yaml", config());
  const Outcome emitted = machine_.run(ping());
  EXPECT_EQ(emitted.exit_code, 0);
  EXPECT_EQ(emitted.err, "");
  EXPECT_TRUE(fs::is_symlink(config()));
  EXPECT_TRUE(read_text(machine_.directory / "shared/config.yaml").starts_with("a: 1\nproject:\n  uuid: "));
  EXPECT_EQ(uuids_of(machine_), Uuids{status_uuid()});
}

TEST_F(IdentityUnderFire, ALinkOutOfTheProjectIsNotWrittenThrough) {
  const fs::path outside = directory_.path() / "outside.yaml";
  write_text(outside, "a: 1\n");
  fs::create_directories(config().parent_path());
  fs::remove(config());
  fs::create_symlink(outside, config());
  const Outcome emitted = machine_.run(ping());
  EXPECT_EQ(emitted.exit_code, 0);
  EXPECT_EQ(count_in(emitted.err, "pawprint: warning: "), 1U) << emitted.err;
  EXPECT_NE(emitted.err.find(outside.string()), std::string::npos) << emitted.err;
  EXPECT_EQ(read_text(outside), "a: 1\n");
  EXPECT_TRUE(fs::is_symlink(config()));
  EXPECT_EQ(uuids_of(machine_), Uuids{""});
}

// All that the file held is there in its order, with one section more.
TEST_F(IdentityUnderFire, EveryFileThatCanBeCompletedKeepsItsBytes) {
  std::string megabyte;
  while (megabyte.size() < (1U << 20)) megabyte += "# a line of a comment that somebody once found useful\n";
  const std::vector<std::string> texts{
      "a: 1\r\n# two\r\nb: [x]\r\n",  // CRLF
      "a: 1\nb: 2",                   // no newline at the end
      "a: 1\r\nb: 2",                 // neither
      "\xEF\xBB\xBF"
      "a: 1\n",                                                 // a byte order mark
      "\xEF\xBB\xBF",                                           // and nothing else
      megabyte + "a: 1\n" + megabyte,                           // 2 MB
      "base: &base\n  x: 1\nuse: *base\nmore:\n  <<: *base\n",  // anchors and aliases
      "# only a comment\n",
      "---\na: 1\n",
  };
  for (const std::string& text : texts) {
    const std::string shown = text.substr(0, 60);
    write_text(config(), text);
    const Outcome emitted = machine_.run(ping());
    EXPECT_EQ(emitted.exit_code, 0) << shown;
    EXPECT_EQ(emitted.err, "") << shown;
    std::string after = read_text(config());
    EXPECT_NE(after.find(status_uuid()), std::string::npos) << shown;
    const auto section = after.find("project:");
    ASSERT_NE(section, std::string::npos) << shown;
    const auto end = after.find('\n', after.find("node_id: ")) + 1;
    ASSERT_NE(section, std::string::npos);
    const std::string rest = end == 0 ? std::string() : after.substr(end);
    // What stands before the section may have got the newline that it lacked.
    std::string before = after.substr(0, section);
    if (!text.starts_with(before)) before.erase(before.find_last_not_of("\r\n") + 1);
    EXPECT_EQ(before + rest, text) << shown;
    const bool crlf = text.find("\r\n") != std::string::npos;
    EXPECT_EQ(count_in(after.substr(section), "\r\n") > 0, crlf) << shown;
    EXPECT_EQ(machine_.run(ping()).exit_code, 0);
    EXPECT_EQ(read_text(config()), after) << "a second time changed something: " << shown;
  }
}

TEST_F(IdentityUnderFire, AFileThatCannotBeCompletedIsLeftAloneAndNamedOnce) {
  const std::vector<std::string> texts{
      "a: 1\na: 2\n",                         // duplicate keys
      "project:\n  slug: x\n  slug: y\n",     // in the section
      "project: &p\n  slug: x\nother: *p\n",  // an alias would change with it
      "base: &b\n  slug: x\nproject: *b\n",   // the section is an alias
      "---\na: 1\n...\n",                     // what is added would stand behind the end
      "project: [1]\n",
      "a: [\n",
      "\tproject: x\n",
  };
  for (const std::string& text : texts) {
    write_text(config(), text);
    const Outcome emitted = machine_.run(ping());
    EXPECT_EQ(emitted.exit_code, 0) << text;
    EXPECT_EQ(count_in(emitted.err, "pawprint: warning: "), 1U) << text << emitted.err;
    EXPECT_NE(emitted.err.find("config.yaml"), std::string::npos) << emitted.err;
    EXPECT_NE(emitted.err.find("line "), std::string::npos) << emitted.err;
    EXPECT_EQ(read_text(config()), text);
  }
  EXPECT_EQ(uuids_of(machine_), Uuids{""});
}

TEST_F(IdentityUnderFire, AFileThatCannotBeUsedIsToBeEditedBeforeAnythingElse) {
  machine_.json({"init"});
  write_text(config(), "a: 1\nproject: [1]\n");
  const std::string advice = "edit " + config().string() + ":2, then: pawprint init";
  EXPECT_NE(machine_.run(ping()).err.find("(try: " + advice + ")"), std::string::npos);
  EXPECT_EQ(machine_.json({"init"}).error("hint"), advice);
  EXPECT_EQ(machine_.json({"sync", "unlink"}).error("hint"), advice);
  EXPECT_NE(machine_.run({"pawprint", "sync", "status"}).out.find("link      not known\n"),
            std::string::npos);
  std::string commands;
  const auto examined = machine_.json({"doctor"});
  for (const auto& finding : examined.data().at("findings").as_array())
    commands += std::string(finding.at("command").as_string()) + "\n";
  EXPECT_EQ(commands, "pawprint sync diagnose\npawprint init\n");
}

TEST_F(IdentityUnderFire, WhatWasQueuedWithoutIdentityIsNamedAndCanBeGivenUp) {
  const auto emit = [&] {
    return std::string(machine_.json({"emit", "Ping", "--aggregate", "A"}).data().at("event_id").as_string());
  };
  machine_.json({"init"});
  const std::string healthy = read_text(config());
  fs::create_directories(machine_.home);
  fs::permissions(machine_.home, fs::perms(0700));
  write_text(machine_.home / "pawprint.toml", "[sync]\nqueue_limit = 1\n");
  write_text(config(), "project: [1]\n");
  const std::string queued = emit();
  const std::string spilled = emit();
  write_text(config(), healthy);

  const auto status = machine_.json({"sync", "status"});
  EXPECT_EQ(status.data().at("why_not_now").as_string(),
            "it could not be read which project what waits is of: pawprint sync diagnose");
  EXPECT_EQ(machine_.json({"doctor"}).error("hint"), "pawprint sync diagnose");
  const auto diagnosed = machine_.json({"sync", "diagnose"});
  EXPECT_EQ(diagnosed.exit_code, 1);
  EXPECT_EQ(diagnosed.error("hint"), "pawprint sync show " + queued);
  EXPECT_EQ(diagnosed.data().at("invalid").as_array().size(), 2U);
  for (const std::string& event_id : {queued, spilled}) {
    const std::string shown = machine_.run({"pawprint", "sync", "show", event_id}).out;
    EXPECT_TRUE(shown.ends_with("give it up: pawprint sync discard " + event_id + "\n")) << shown;
  }
  const auto no_room = machine_.json({"sync", "discard", spilled, "--yes"});
  EXPECT_EQ(no_room.error("hint"), "pawprint sync list --state pending");
  for (const std::string& event_id : {queued, spilled})
    EXPECT_EQ(machine_.json({"sync", "discard", event_id, "--yes"}).exit_code, 0);
  EXPECT_EQ(machine_.json({"sync", "diagnose"}).exit_code, 0);
  EXPECT_EQ(machine_.json({"sync", "status"}).data().at("why_not_now").as_string(), "nothing is queued");
}

TEST_F(IdentityUnderFire, AWorktreeHasTheMainCheckoutsIdentityAndItsOwnCopyIsIgnored) {
  const std::string uuid(machine_.json({"init"}).data().at("uuid").as_string());
  machine_.git({"worktree", "add", "-q", "-b", "wp", ".worktrees/wp"});
  const Machine worktree(machine_.home, machine_.directory / ".worktrees/wp");
  const std::string copy =
      "project:\n  uuid: 550e8400-e29b-41d4-a716-446655440000\n  slug: other\n  node_id: a1b2c3d4e5f6\n";
  write_text(worktree.directory / ".kittify/config.yaml", copy);
  EXPECT_EQ(worktree.run(ping()).err, "");
  EXPECT_EQ(uuids_of(machine_), Uuids{uuid});
  EXPECT_EQ(read_text(worktree.directory / ".kittify/config.yaml"), copy);
  EXPECT_EQ(events_of(machine_).front().at("git_branch").as_string(), "wp");
}

TEST_F(IdentityUnderFire, ACopyOfALinkedProjectIsNotLinkedAndSaysSoOnce) {
  const std::string uuid(machine_.json({"init"}).data().at("uuid").as_string());
  const Environment environment = process_environment();
  outbox::Link link;
  link.project_uuid = uuid;
  link.repo_instance = (machine_.directory / ".git").string();
  link.server_origin = "http://127.0.0.1:9";
  link.team_id = link.user_id = "x";
  link.team_slug = "acme";
  ASSERT_TRUE(outbox::Outbox::open(environment, machine_.home).value().link(link, false));
  EXPECT_EQ(machine_.run(ping("linked")).err, "");

  const Machine copy(machine_.home, directory_.path() / "copy");
  fs::copy(machine_.directory, copy.directory, fs::copy_options::recursive);
  const Machine clone(machine_.home, directory_.path() / "clone");
  machine_.git({"add", "-A"});
  machine_.git({"commit", "-qm", "identity"});
  machine_.git({"clone", "-q", ".", clone.directory.string()});
  for (const Machine& other : {copy, clone}) {
    const Outcome emitted = other.run(ping("copy"));
    EXPECT_EQ(count_in(emitted.err, "pawprint: warning: "), 1U) << emitted.err;
    EXPECT_NE(emitted.err.find("this copy of the project is not linked"), std::string::npos) << emitted.err;
    EXPECT_EQ(other.run(ping("again")).err, "");
    EXPECT_EQ(other.json({"sync", "status"}).data().at("project").at("link"), nullptr);
  }
  EXPECT_EQ(uuids_of(machine_), Uuids{uuid});
  const auto queue = machine_.json({"sync", "status"}).data().at("queue");
  EXPECT_EQ(queue.at("pending").to_number<int>(), 1);
  EXPECT_EQ(queue.at("unlinked").to_number<int>(), 4);
}

TEST_F(IdentityUnderFire, TwoHomesOnOneHostAreTwoMachines) {
  machine_.json({"init"});
  const Machine second(directory_.path() / "second-home", machine_.directory);
  machine_.run(ping());
  second.run(ping());
  const auto node_of = [](const Machine& machine) {
    return std::string(events_of(machine).front().at("node_id").as_string());
  };
  EXPECT_NE(node_of(machine_), node_of(second));
  EXPECT_EQ(node_of(machine_).size(), 12U);
  EXPECT_EQ(uuids_of(machine_), uuids_of(second));
}

TEST_F(IdentityUnderFire, NoSecretOfARemoteGetsOutOfTheRepository) {
  const std::string config_before = read_text(machine_.directory / ".git/config");
  for (const char* settings : {
           "url = https://S3CRET@example.com/owner/repo.git",
           "url = https://x-access-token:S3CRET@example.com/owner/repo.git",
           "url = https://kim:S3CRET/with/slash@example.com/owner/repo.git",
           "url = https://example.com/owner/repo.git?private_token=S3CRET",
           "url = https://example.com/owner/repo.git#S3CRET",
           "url = ssh://git:S3CRET@example.com:22/owner/repo",
           "url = kim:S3CRET@example.com:owner/repo.git",
           "url = codecommit::https://kim:S3CRET@example.com/owner/repo",
           "url = https://example.com/owner/repo.git\n[url \"https://kim:S3CRET@mirror.example.com/\"]\n"
           "\tinsteadOf = https://example.com/",
           "url = \"https://kim:S3CRET@example.com/open",
       }) {
    fs::remove_all(machine_.home);
    fs::remove_all(machine_.directory / ".kittify");
    write_text(machine_.directory / ".git/config",
               config_before + "[remote \"origin\"]\n\t" + settings + "\n");
    std::string said;
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"pawprint", "init"},
                                               ping(),
                                               {"pawprint", "implement", "WP01"},
                                               {"pawprint", "sync", "status"},
                                               {"pawprint", "sync", "export"},
                                               {"pawprint", "doctor"}}) {
      const Outcome outcome = machine_.run(words);
      said += outcome.out + outcome.err;
    }
    EXPECT_EQ(said.find("S3CRET"), std::string::npos) << settings << "\n" << said;
    EXPECT_EQ(read_text(config()).find("S3CRET"), std::string::npos) << settings;
    for (const auto& entry : fs::recursive_directory_iterator(machine_.home)) {
      if (!entry.is_regular_file()) continue;
      EXPECT_EQ(read_text(entry.path()).find("S3CRET"), std::string::npos) << settings << entry.path();
    }
  }
}

}  // namespace
}  // namespace pawprint::testing
