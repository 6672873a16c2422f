#include "project/identity.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <set>
#include <thread>

#include "base/disk_above_for_test.h"
#include "project/project_fixture.h"
#include "protocol/ids.h"

namespace pawprint::project {
namespace {

using Causes = std::vector<std::string>;

constexpr std::string_view kComplete =
    "project:\n  uuid: 550E8400-e29b-41d4-a716-446655440000\n  slug: mine\n  node_id: a1b2c3d4e5f6\n"
    "  repo_slug: over/ride\nsync:\n  auto_start: false\n";

// A disk on which nothing can be written below one directory.
class ReadOnlyBelow final : public DiskAbove {
 public:
  ReadOnlyBelow(Disk& below, Path directory) : DiskAbove(below), directory_(std::move(directory)) {}
  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode, unsigned permissions) override {
    if (mode != OpenMode::read && is_here(path)) return fail(ErrorKind::io, "read-only file system");
    return below_.open(path, mode, permissions);
  }
  Result<void> rename(const Path& from, const Path& to) override {
    if (is_here(to)) return fail(ErrorKind::io, "read-only file system");
    return below_.rename(from, to);
  }

 private:
  bool is_here(const Path& path) const { return path.string().starts_with(directory_.string()); }
  Path directory_;
};

class IdentityTest : public ProjectTest {
 protected:
  Path new_project(std::string_view config, const std::string& name = "My_Repo") {
    const Path root = directory_ / name;
    write(root / ".kittify/config.yaml", config);
    return root;
  }
  static std::string config_of(const Path& root) { return content_of(root / ".kittify/config.yaml"); }
  Warnings warnings_;
};

TEST_F(IdentityTest, WhatTheFileSaysCounts) {
  const Path root = new_project(kComplete);
  const Identity identity = ensure_in(root, warnings_);
  EXPECT_EQ(identity.uuid, "550e8400-e29b-41d4-a716-446655440000");
  EXPECT_EQ(identity.slug, "mine");
  EXPECT_EQ(identity.node_id, "a1b2c3d4e5f6");
  EXPECT_EQ(identity.repo_slug, "over/ride");
  EXPECT_FALSE(identity.auto_start);
  EXPECT_TRUE(identity.linkable);
  EXPECT_EQ(identity.repo_instance, root.string());
  EXPECT_EQ(config_of(root), kComplete);
  EXPECT_TRUE(warnings_.all().empty());
}

TEST_F(IdentityTest, OnlyWhatIsMissingIsAdded) {
  const Path root =
      new_project("# top\r\nproject:\r\n  build_id: 7 # theirs\r\n  slug: 'kept'\r\n\r\nagents:\r\n- a");
  const Identity identity = ensure_in(root, warnings_);
  ASSERT_TRUE(identity.uuid.has_value());
  EXPECT_EQ(protocol::normalised_uuid_v4(*identity.uuid), identity.uuid);
  EXPECT_EQ(identity.slug, "kept");
  EXPECT_EQ(config_of(root),
            "# top\r\nproject:\r\n  build_id: 7 # theirs\r\n  slug: 'kept'\r\n  uuid: " + *identity.uuid +
                "\r\n  node_id: " + machine_node_id(environment_, home()) + "\r\n\r\nagents:\r\n- a");
  EXPECT_EQ(ensure_in(root, warnings_).uuid, identity.uuid);
  EXPECT_TRUE(warnings_.all().empty());
}

TEST_F(IdentityTest, AKeyWithoutAValueGetsOneWhereItStands) {
  const Path root = new_project("project:\n  uuid: # none yet\n  slug: ''\n");
  const Identity identity = ensure_in(root, warnings_);
  EXPECT_EQ(config_of(root), "project:\n  uuid: " + identity.uuid.value_or("") +
                                 " # none yet\n  slug: 'my-repo'\n  node_id: " + identity.node_id + "\n");
}

TEST_F(IdentityTest, AMissingFileIsMadeAtTheFirstEvent) {
  const Path root = directory_ / "repo";
  std::filesystem::create_directories(root / ".kittify");
  const Identity identity = ensure_in(root, warnings_);
  EXPECT_TRUE(identity.linkable);
  EXPECT_EQ(config_of(root),
            "project:\n  uuid: " + *identity.uuid + "\n  slug: repo\n  node_id: " + identity.node_id + "\n");
}

TEST_F(IdentityTest, TheModeOfTheFileStays) {
  const Path root = new_project("a: 1\n");
  ASSERT_EQ(chmod((root / ".kittify/config.yaml").c_str(), 0664), 0);
  const auto old_mask = umask(077);
  ensure_in(root, warnings_);
  umask(old_mask);
  EXPECT_EQ(disk_.status(root / ".kittify/config.yaml").value()->mode, 0664U);
}

TEST_F(IdentityTest, ReadingNeverWrites) {
  const Path root = new_project("project:\n  slug: x\n");
  const auto before = std::filesystem::last_write_time(root / ".kittify/config.yaml");
  const auto directory_before = std::filesystem::last_write_time(root / ".kittify");
  const Identity identity = read_in(root, warnings_);
  EXPECT_EQ(identity.uuid, std::nullopt);
  EXPECT_FALSE(identity.linkable);
  EXPECT_EQ(config_of(root), "project:\n  slug: x\n");
  EXPECT_EQ(std::filesystem::last_write_time(root / ".kittify/config.yaml"), before);
  EXPECT_EQ(std::filesystem::last_write_time(root / ".kittify"), directory_before);
  EXPECT_FALSE(std::filesystem::exists(home().directory));
}

TEST_F(IdentityTest, SlugAndRepoSlugComeFromTheOrigin) {
  const Path root = new_repository("somewhere");
  std::filesystem::create_directories(root / ".kittify");
  git(root, {"remote", "add", "origin", "git@example.com:owner/My_Repo.git"});
  const Identity identity = ensure_in(root, warnings_);
  EXPECT_EQ(identity.slug, "my-repo");
  EXPECT_EQ(identity.repo_slug, "owner/My_Repo");
  EXPECT_EQ(config_of(root).find("repo_slug"), std::string::npos);
  EXPECT_EQ(identity.repo_instance, (root / ".git").string());
}

TEST_F(IdentityTest, AWorktreeHasTheIdentityOfTheMainCheckout) {
  const Path root = new_repository();
  commit(root);
  std::filesystem::create_directories(root / ".kittify");
  git(root, {"worktree", "add", "-q", "-b", "wp01", ".worktrees/wp01"});
  write(root / ".worktrees/wp01/.kittify/config.yaml", kComplete);
  const Identity identity = ensure_in(root / ".worktrees/wp01", warnings_);
  EXPECT_NE(identity.slug, "mine");
  EXPECT_EQ(ensure_in(root, warnings_).uuid, identity.uuid);
  EXPECT_EQ(ensure_in(root, warnings_).repo_instance, identity.repo_instance);
  EXPECT_EQ(config_of(root / ".worktrees/wp01"), kComplete);
}

TEST_F(IdentityTest, ACopyHasTheUuidButIsAnotherInstance) {
  const Path root = new_project(kComplete);
  const Path copy = directory_ / "copy";
  std::filesystem::copy(root, copy, std::filesystem::copy_options::recursive);
  const Identity identity = read_in(root, warnings_);
  const Identity copied = read_in(copy, warnings_);
  EXPECT_EQ(identity.uuid, copied.uuid);
  EXPECT_NE(identity.repo_instance, copied.repo_instance);
}

TEST_F(IdentityTest, ACopyBesideItsOriginalInOneRepositoryIsAnotherInstance) {
  const Path root = new_repository();
  write(root / "a/.kittify/config.yaml", "");
  const Identity original = ensure_in(root / "a", warnings_);
  std::filesystem::copy(root / "a", root / "b", std::filesystem::copy_options::recursive);
  const Identity copied = ensure_in(root / "b", warnings_);
  EXPECT_EQ(copied.uuid, original.uuid);
  EXPECT_NE(copied.repo_instance, original.repo_instance);
}

TEST_F(IdentityTest, WhatCannotBeReadIsLeftAloneAndWarnedOfOnce) {
  struct Case {
    std::string_view config;
    std::string_view where;
  };
  constexpr std::array<Case, 14> kCases = {{
      {"a: 1\n\tb: 2\n", "(line 2, column 1)"},
      {"a: 1\nproject: [x]\n", "(line 2, column 10)"},
      {"project:\n  slug: a\n  slug: b\n", "(line 3, column 3)"},
      {"project:\n  uuid: 1234\n", "(line 2, column 9)"},
      {"project:\n  slug: {a: b}\n", "(line 2, column 9)"},
      {"- a\n", "(line 1, column 1)"},
      {"project: {slug: x}\n", "(line 1)"},
      {"project: &p\n  slug: x\nb: *p\n", "(line 2)"},
      {"b: &b\n  uuid: 550e8400-e29b-41d4-a716-446655440000\nproject:\n  <<: *b\n", "(line 4"},
      {"b: &b {project: {slug: x}}\n<<: *b\n", "(line 2"},
      {"b: &b {auto_start: false}\nproject:\n  slug: x\nsync: {<<: *b}\n", "(line 4"},
      {"b: &b {auto_start: false}\nproject:\n  slug: x\nsync: *b\n", "sync is no mapping (line 4, column 7)"},
      {"sync: !!null\nproject:\n  slug: x\n", "sync is no mapping (line 1"},
      {"b: &b {sync: {auto_start: false}}\nproject:\n  slug: x\n<<: *b\n", "(line 4"},
  }};
  for (const Case& broken : kCases) {
    const Path root = new_project(broken.config);
    Warnings warnings;
    const Identity identity = ensure_in(root, warnings);
    EXPECT_EQ(identity.uuid, std::nullopt) << broken.config;
    EXPECT_FALSE(identity.linkable);
    EXPECT_EQ(causes_of(warnings), Causes{"config-unreadable"});
    EXPECT_NE(warnings.all()[0].message.find(broken.where), std::string::npos) << warnings.all()[0].message;
    EXPECT_TRUE(warnings.all()[0].hint.starts_with("edit " + (root / ".kittify/config.yaml").string() + ":"));
    EXPECT_EQ(config_of(root), broken.config);
  }
}

TEST_F(IdentityTest, ALinkIsFollowedOnlyWithinTheProject) {
  const Path root = new_project("");
  const Path config = root / ".kittify/config.yaml";
  std::filesystem::remove(config);
  write(root / "shared/config.yaml", "a: 1\n");
  std::filesystem::create_symlink("../shared/config.yaml", config);
  EXPECT_TRUE(ensure_in(root, warnings_).linkable);
  EXPECT_TRUE(std::filesystem::is_symlink(config));
  EXPECT_EQ(content_of(root / "shared/config.yaml").substr(0, 14), "a: 1\nproject:\n");

  for (const Path& target : {directory_ / "outside.yaml", directory_ / "nothing", root / "nothing"}) {
    write(directory_ / "outside.yaml", kComplete);
    std::filesystem::remove(config);
    std::filesystem::create_symlink(target, config);
    Warnings warnings;
    EXPECT_EQ(ensure_in(root, warnings).uuid, std::nullopt);
    EXPECT_EQ(causes_of(warnings), Causes{"config-unreadable"});
    EXPECT_TRUE(std::filesystem::is_symlink(config));
  }
  EXPECT_EQ(content_of(directory_ / "outside.yaml"), kComplete);
}

TEST_F(IdentityTest, AReadOnlyRepositoryHasTheSameIdentityEachTimeAndIsNotLinkable) {
  const Path root = new_project("a: 1\n");
  const Path other = new_project("a: 1\n", "other");
  ReadOnlyBelow read_only(disk_, root);
  environment_.disk = &read_only;
  const Identity identity = ensure_in(root, warnings_);
  ASSERT_TRUE(identity.uuid.has_value());
  EXPECT_EQ(protocol::normalised_uuid_v4(*identity.uuid), identity.uuid);
  EXPECT_FALSE(identity.linkable);
  EXPECT_EQ(causes_of(warnings_), Causes{"config-unwritable"});
  EXPECT_EQ(ensure_in(root, warnings_).uuid, identity.uuid);
  EXPECT_EQ(config_of(root), "a: 1\n");
  EXPECT_EQ(disk_.status(home().directory / "secret").value()->mode, 0600U);

  ReadOnlyBelow other_read_only(disk_, other);
  environment_.disk = &other_read_only;
  EXPECT_NE(ensure_in(other, warnings_).uuid, identity.uuid);
  environment_.disk = &read_only;
  environment_.variables["PAWPRINT_HOME"] = (directory_ / "second-home").string();
  EXPECT_NE(ensure_in(root, warnings_).uuid, identity.uuid);
}

TEST_F(IdentityTest, WithoutAWritableHomeEitherThereIsNoUuid) {
  const Path root = new_project("a: 1\n");
  ReadOnlyBelow read_only(disk_, directory_);
  environment_.disk = &read_only;
  EXPECT_EQ(ensure_in(root, warnings_).uuid, std::nullopt);
  EXPECT_EQ(causes_of(warnings_), Causes{"config-unwritable"});
}

TEST_F(IdentityTest, ProcessesThatMintAtOnceAllGetTheOneUuid) {
  constexpr int kProcesses = 8;
  for (int round = 0; round < 5; ++round) {
    const Path root = new_project("a: 1\n", "race-" + std::to_string(round));
    const Path gate = directory_ / "gate";
    write(gate, "");
    const int held = ::open(gate.c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_EQ(flock(held, LOCK_EX), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < kProcesses; ++i) {
      const pid_t child = fork();
      if (child == 0) {
        const int waiting = ::open(gate.c_str(), O_RDONLY | O_CLOEXEC);
        flock(waiting, LOCK_SH);
        SeededRandom random(static_cast<std::uint64_t>(100 * round + i));
        environment_.random = &random;
        Warnings warnings;
        write(directory_ / ("minted-" + std::to_string(i)), ensure_in(root, warnings).uuid.value_or("none"));
        _exit(warnings.all().empty() ? 0 : 1);
      }
      children.push_back(child);
    }
    ASSERT_EQ(flock(held, LOCK_UN), 0);
    ::close(held);
    std::set<std::string> minted;
    for (int i = 0; i < kProcesses; ++i) {
      int status = 0;
      ASSERT_EQ(waitpid(children[static_cast<std::size_t>(i)], &status, 0),
                children[static_cast<std::size_t>(i)]);
      EXPECT_EQ(status, 0);
      minted.insert(content_of(directory_ / ("minted-" + std::to_string(i))));
    }
    EXPECT_EQ(minted.size(), 1U);
    EXPECT_NE(config_of(root).find(*minted.begin()), std::string::npos);
  }
}

TEST_F(IdentityTest, ThreadsThatMintAtOnceAllGetTheOneUuid) {
  const Path root = new_project("a: 1\n");
  std::array<std::string, 8> minted;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < minted.size(); ++i) {
    threads.emplace_back([&, i] {
      SeededRandom random(i);
      Environment environment = in(root);
      environment.random = &random;
      Warnings warnings;
      const auto places = find_project(environment).value();
      minted[i] = ensure_identity(environment, places, find_home(environment).value(), GitState{}, warnings)
                      .uuid.value_or("");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(minted.begin(), minted.end()).size(), 1U);
}

class InitialiseTest : public IdentityTest {
 protected:
  Result<bool> init(const Path& where) {
    const auto places = find_init_place(in(where)).value();
    return initialise(environment_, places, home(), read_git_state(environment_, places, warnings_),
                      warnings_);
  }
};

TEST_F(InitialiseTest, AFileInThePlaceOfTheFolderIsNamedWithTheCommandThatMovesIt) {
  const Path root = new_repository();
  write(root / ".kittify", "mine");
  const auto refused = init(root);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(refused.error().hint,
            "mv " + (root / ".kittify").string() + " " + (root / ".kittify.old").string());
  EXPECT_EQ(content_of(root / ".kittify"), "mine");
}

TEST_F(InitialiseTest, MakesTheSectionAndASecondTimeChangesNothing) {
  const Path root = new_repository();
  ASSERT_EQ(init(root).value(), true);
  const std::string first = config_of(root);
  EXPECT_TRUE(first.starts_with("project:\n  uuid: "));
  EXPECT_EQ(disk_.status(root / ".kittify/config.yaml").value()->mode, 0644U);
  EXPECT_EQ(init(root).value(), false);
  EXPECT_EQ(config_of(root), first);
  EXPECT_TRUE(read_in(root, warnings_).linkable);
}

TEST_F(InitialiseTest, ABrokenFileIsRefusedWithItsLine) {
  const Path root = new_project("a: 1\na: 2\n");
  const auto made = init(root);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().kind, ErrorKind::invalid);
  EXPECT_EQ(made.error().file, (root / ".kittify/config.yaml").string());
  EXPECT_EQ(made.error().line, 2);
}

TEST_F(InitialiseTest, AReadOnlyRepositoryIsAnError) {
  const Path root = new_project("a: 1\n");
  ReadOnlyBelow read_only(disk_, root);
  environment_.disk = &read_only;
  EXPECT_EQ(init(root).error().kind, ErrorKind::io);
}

}  // namespace
}  // namespace pawprint::project
