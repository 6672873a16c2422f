#include "credentials/sessions.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <thread>

#include "base/disk_above_for_test.h"
#include "base/file_lock.h"
#include "base/format.h"

namespace pawprint::credentials {
namespace {

Session session_of(std::string team, std::string access = "access-1") {
  return {.origin = "https://hub.example.com",
          .user_id = "u-1",
          .username = "user@example.com",
          .team_id = "id-of-" + team,
          .team_slug = std::move(team),
          .access = std::move(access),
          .access_expires_at = 1770120900,  // 2026-02-03T12:15:00Z
          .refresh = "refresh-1",
          .refresh_expires_at = 1770724800};
}

class Sessions : public ::testing::Test {
 protected:
  Sessions() {
    std::string pattern = ::testing::TempDir() + "sessions-XXXXXX";
    home = Path(::mkdtemp(pattern.data())) / "home";
    environment.disk = &disk;
    environment.clock = &time;
    environment.random = &random;
  }
  ~Sessions() override { std::filesystem::remove_all(home.parent_path()); }

  void given_file(std::string_view text, unsigned mode = 0600) {
    ASSERT_TRUE(disk.make_directories(home, 0700));
    ASSERT_TRUE(replace_file(disk, home / "sessions.toml", text, mode));
  }
  unsigned mode_of(const Path& path) { return disk.status(path).value().value().mode; }

  PosixDisk disk;
  ManualClock time{1'780'000'000'000};
  SeededRandom random{5};
  Environment environment;
  Path home;
  SessionStore store() { return {environment, home}; }
};

constexpr std::string_view kDocumented = R"([[session]]
origin = "https://hub.example.com"
user_id = "u-1"
username = "user@example.com"
team_id = "id-of-acme"
team_slug = "acme"
access = "access-1"
access_expires_at = 2026-02-03T12:15:00Z
refresh = "refresh-1"
refresh_expires_at = 2026-02-10T14:00:00+02:00
)";

TEST_F(Sessions, NobodyIsSignedInWhereThereIsNoHomeAndLookingMakesNone) {
  EXPECT_TRUE(store().load().value().empty());
  EXPECT_FALSE(std::filesystem::exists(home));
}

TEST_F(Sessions, TheDocumentedFileIsRead) {
  given_file(kDocumented);
  const auto sessions = store().load().value();
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].origin, "https://hub.example.com");
  EXPECT_EQ(sessions[0].access, "access-1");
  EXPECT_EQ(sessions[0].access_expires_at, 1770120900);
  EXPECT_EQ(sessions[0].refresh_expires_at, 1770724800);
}

TEST_F(Sessions, WhatIsPutIsReadBackWithAnyCharacterInIt) {
  Session odd = session_of("acme");
  odd.username = "\"q\" \\ \t\n\x7f ünï";
  ASSERT_TRUE(store().put(odd));
  EXPECT_EQ(store().load().value().at(0).username, odd.username);
  EXPECT_EQ(store().load().value().at(0).refresh_expires_at, odd.refresh_expires_at);
}

TEST_F(Sessions, FileAndDirectoryAreForTheUserAlone) {
  ::umask(0);
  ASSERT_TRUE(store().put(session_of("acme")));
  EXPECT_EQ(mode_of(home / "sessions.toml"), 0600U);
  EXPECT_EQ(mode_of(home), 0700U);
}

TEST_F(Sessions, ASecondTeamStandsBesideTheFirstAndANewTokenReplacesTheOld) {
  ASSERT_TRUE(store().put(session_of("acme")));
  ASSERT_TRUE(store().put(session_of("other")));
  ASSERT_TRUE(store().put(session_of("acme", "access-2")));
  const auto sessions = store().load().value();
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].access, "access-2");
  EXPECT_EQ(sessions[1].access, "access-1");
}

TEST_F(Sessions, RemovingLeavesTheOthersAndSaysWhetherItWasThere) {
  ASSERT_TRUE(store().put(session_of("acme")));
  ASSERT_TRUE(store().put(session_of("other")));
  EXPECT_TRUE(store().remove(session_of("acme")).value());
  EXPECT_FALSE(store().remove(session_of("acme")).value());
  ASSERT_EQ(store().load().value().size(), 1U);
  EXPECT_EQ(store().load().value()[0].team_slug, "other");
}

TEST_F(Sessions, AFileThatOthersCanReadIsRefusedWithTheChmodToType) {
  given_file(kDocumented, 0640);
  const auto sessions = store().load();
  ASSERT_FALSE(sessions);
  EXPECT_EQ(sessions.error().kind, ErrorKind::failed);
  EXPECT_EQ(sessions.error().hint, "chmod 600 " + (home / "sessions.toml").string());
  EXPECT_FALSE(store().put(session_of("acme")));
}

TEST_F(Sessions, ADamagedFileMeansSignedOutAndIsNamedWithItsLineAndTheCommand) {
  given_file("# mine\n[[session]]\norigin = \n");
  const auto sessions = store().load();
  ASSERT_FALSE(sessions);
  EXPECT_EQ(sessions.error().kind, ErrorKind::invalid);
  EXPECT_EQ(sessions.error().file, (home / "sessions.toml").string());
  EXPECT_EQ(sessions.error().line, 3);
  Warnings warnings;
  EXPECT_TRUE(store().load_or_signed_out(warnings).value().empty());
  EXPECT_TRUE(store().load_or_signed_out(warnings).value().empty());
  ASSERT_EQ(warnings.all().size(), 1U);
  EXPECT_EQ(warnings.all()[0].cause, "sessions-damaged");
  EXPECT_NE(warnings.all()[0].message.find((home / "sessions.toml").string()), std::string::npos);
  EXPECT_NE(warnings.all()[0].message.find("line 3"), std::string::npos);
  EXPECT_EQ(warnings.all()[0].hint, "pawprint auth login");
  EXPECT_EQ(read_file(disk, home / "sessions.toml").value(), "# mine\n[[session]]\norigin = \n");
}

TEST_F(Sessions, TheNextSignInSetsADamagedFileAsideAndDeletesNothing) {
  const std::string damaged = "# mine\n[[session]]\norigin = \n";
  given_file(damaged);
  ASSERT_TRUE(store().put(session_of("acme")));
  EXPECT_EQ(store().load().value().size(), 1U);
  std::vector<std::string> aside;
  const auto names = disk.list(home);
  for (const std::string& name : *names)
    if (name.starts_with("sessions.toml.corrupt-")) aside.push_back(name);
  ASSERT_EQ(aside.size(), 1U);
  EXPECT_EQ(read_file(disk, home / aside[0]).value(), damaged);
  EXPECT_EQ(mode_of(home / aside[0]), 0600U);
}

TEST_F(Sessions, WhereverTheFileIsCutOrOneByteIsFlippedItIsReadOrMeansSignedOut) {
  ASSERT_TRUE(store().put(session_of("acme")));
  const std::string whole = read_file(disk, home / "sessions.toml").value().value();
  const auto file = disk.open(home / "sessions.toml", OpenMode::read_write, 0600);
  const auto look = [&](std::string_view text) {
    ASSERT_TRUE((*file)->truncate(text.size()));
    ASSERT_TRUE((*file)->write_at(0, text));
    Warnings warnings;
    const auto sessions = store().load_or_signed_out(warnings);
    ASSERT_TRUE(sessions) << sessions.error().message;
    EXPECT_LE(sessions->size(), 1U);
    for (const Warning& each : warnings.all()) EXPECT_EQ(each.message.find("refresh-1"), std::string::npos);
  };
  for (std::size_t at = 0; at < whole.size(); ++at) {
    SCOPED_TRACE(at);
    look(whole.substr(0, at));
    for (const unsigned bit : {0x01U, 0x20U, 0x80U}) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ bit);
      look(flipped);
    }
  }
}

TEST_F(Sessions, AFieldThatIsMissingOrOfAnotherTypeIsNamedAndNoTokenIs) {
  std::string text(kDocumented);
  text.replace(text.find("2026-02-03T12:15:00Z"), 20, "\"tomorrow\"");
  given_file(text);
  const auto sessions = store().load();
  ASSERT_FALSE(sessions);
  EXPECT_EQ(sessions.error().line, 8);
  EXPECT_NE(sessions.error().message.find("access_expires_at"), std::string::npos);
  EXPECT_EQ(sessions.error().message.find("access-1"), std::string::npos);
}

TEST_F(Sessions, ASessionThatWouldNotReadBackIsNotWritten) {
  Session broken = session_of("acme");
  broken.username = "\xff";
  const auto put = store().put(broken);
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::invalid);
  EXPECT_FALSE(std::filesystem::exists(home / "sessions.toml"));
}

TEST_F(Sessions, WritersAtTheSameTimeLoseNothing) {
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 8; ++writer) {
    writers.emplace_back(
        [this, writer] { EXPECT_TRUE(store().put(session_of(fmt::format("team-{}", writer)))); });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(store().load().value().size(), 8U);
}

TEST_F(Sessions, AHeldRefreshLockStopsNoWriter) {
  auto refreshing = store().lock();
  ASSERT_TRUE(refreshing);
  EXPECT_TRUE(store().put(session_of("acme")));
}

class NetworkDisk final : public DiskAbove {
 public:
  using DiskAbove::DiskAbove;
  Result<FileSystem> file_system(const Path&) override { return FileSystem{"NFS", false}; }
};

TEST_F(Sessions, WhereSeveralMachinesWriteTheLocksAreThoseThatServersKnow) {
  NetworkDisk network(disk);
  environment.disk = &network;
  const auto refreshing = store().lock();
  ASSERT_TRUE(refreshing);
  EXPECT_FALSE(FileLock::acquire(home / "refresh.lock", std::chrono::milliseconds(0), LockKind::record));
  const auto writing =
      FileLock::acquire(home / "sessions.lock", std::chrono::milliseconds(0), LockKind::flock);
  EXPECT_TRUE(store().put(session_of("acme")));
}

TEST(SelectSession, TheOnlyOneNeedsNoName) {
  const std::vector<Session> sessions{session_of("acme")};
  EXPECT_EQ(select_session(sessions, std::nullopt, std::nullopt).value().team_slug, "acme");
}

TEST(SelectSession, NoneNamesTheCommandThatSignsIn) {
  const auto none = select_session({}, "https://hub.example.com", "acme");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::not_signed_in);
  EXPECT_EQ(none.error().hint, "pawprint auth login --server https://hub.example.com --team acme");
}

TEST(SelectSession, SeveralAreNamedUntilTheTeamDecides) {
  const std::vector<Session> sessions{session_of("acme"), session_of("other")};
  const auto several = select_session(sessions, "https://hub.example.com", std::nullopt);
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().kind, ErrorKind::usage);
  EXPECT_NE(several.error().message.find("--team acme"), std::string::npos);
  EXPECT_NE(several.error().message.find("--team other"), std::string::npos);
  EXPECT_EQ(select_session(sessions, std::nullopt, "other").value().team_slug, "other");
}

TEST(SelectSession, TwoUsersOfOneTeamAreToldApartByTheirNames) {
  std::vector<Session> sessions{session_of("acme"), session_of("acme")};
  sessions[0].username = "ann";
  sessions[1].username = "bob";
  sessions[1].user_id = "u-bob";
  const auto several = select_session(sessions, std::nullopt, "acme");
  ASSERT_FALSE(several);
  EXPECT_NE(several.error().message.find("--username ann"), std::string::npos) << several.error().message;
  EXPECT_NE(several.error().message.find("--username bob"), std::string::npos) << several.error().message;
  EXPECT_EQ(select_session(sessions, std::nullopt, "acme", "bob").value().user_id, "u-bob");
  const auto none = select_session(sessions, std::nullopt, "acme", "eve");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "not signed in as eve in team acme");
  EXPECT_EQ(none.error().hint, "pawprint auth login --team acme --username eve");
}

TEST(SelectSession, WhatIsToBeTypedIsQuotedForTheShell) {
  std::vector<Session> sessions{session_of("acme;ls"), session_of("acme;ls")};
  sessions[0].username = "o'neill";
  const auto several = select_session(sessions, std::nullopt, std::nullopt);
  ASSERT_FALSE(several);
  EXPECT_TRUE(several.error().message.contains(R"(--team 'acme;ls' --username 'o'\''neill')"))
      << several.error().message;
  const auto none = select_session({}, std::nullopt, "a b", "o'neill");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().hint, R"(pawprint auth login --team 'a b' --username 'o'\''neill')");
  const auto elsewhere = select_session({}, "http://[::1]:80", std::nullopt, std::nullopt);
  EXPECT_EQ(elsewhere.error().hint, "pawprint auth login --server 'http://[::1]:80'");
}

}  // namespace
}  // namespace pawprint::credentials
