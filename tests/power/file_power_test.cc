#include "credentials/sessions.h"
#include "power/power_test_base.h"
#include "project/identity.h"
#include "settings/settings.h"

namespace pawprint::power {
namespace {

// Files that are replaced as a whole: the old one or the new one, byte for byte, and the new one once that is
// told.
class FilePower : public PowerTest {
 protected:
  void old_or_new(const Path& file, const std::string& old_content, const Act& act) {
    std::string new_content;
    machine_->boot(start_);
    random_ = SeededRandom(1);
    Told told;
    act(told);
    ASSERT_TRUE(told.finished);
    new_content = content(file);
    ASSERT_NE(new_content, old_content);
    const auto check = [&](const Told& said) {
      const std::string now = content(file);
      if (now == old_content) {
        EXPECT_FALSE(said.finished) << "told, and not there";
      } else {
        EXPECT_EQ(masked(now), masked(new_content));
      }
      const std::string name = file.filename().string();
      const auto names = real_.list(file.parent_path());
      for (const std::string& each : *names) EXPECT_FALSE(each.starts_with(name + ".")) << each;
    };
    cut_at_every_call(act, check);
    fail_every_call(act, check);
  }
  // A minted id is another one each time.
  static std::string masked(std::string text) {
    const std::size_t uuid = text.find("uuid: ");
    if (uuid != std::string::npos) text.replace(uuid + 6, 36, 36, 'u');
    return text;
  }
};

TEST_F(FilePower, AConfigIsCompletedWholeOrNotAtAll) {
  const std::string before =
      "# of ours\r\nproject: # who\r\n  slug: mine\r\n  owner: 'x'\r\nlast: no newline";
  const Path file = project_ / ".kittify/config.yaml";
  given([&] { ASSERT_TRUE(replace_file(*disk_, file, before, 0644)); });
  old_or_new(file, before, [&](Told& told) {
    Warnings warnings;
    const auto places = project::find_project(environment_);
    const auto home = project::find_home(environment_);
    if (!places || !home) return;
    const auto made = project::initialise(environment_, *places, *home, {}, warnings);
    told.finished = made.has_value();
  });
}

TEST_F(FilePower, SessionsAreSavedWholeOrNotAtAll) {
  credentials::Session session;
  session.origin = "https://hub.example.com";
  session.user_id = "u-1";
  session.username = "ann";
  session.team_id = "t-1";
  session.team_slug = "acme";
  session.access = "access-1";
  session.refresh = "refresh-1";
  given([&] {
    ASSERT_TRUE(disk_->make_directories(home_, 0700));
    ASSERT_TRUE(credentials::SessionStore(environment_, home_).put(session));
  });
  const Path file = home_ / "sessions.toml";
  session.refresh = "refresh-2";
  old_or_new(file, content(file), [&](Told& told) {
    told.finished = credentials::SessionStore(environment_, home_).put(session).has_value();
  });
}

TEST_F(FilePower, AServerIsSavedWholeOrNotAtAll) {
  const std::string before = "# mine\n[sync] # s\nserver_url = 'http://old'\nqueue_limit = 7\n";
  const Path file = home_ / "pawprint.toml";
  given([&] {
    ASSERT_TRUE(disk_->make_directories(home_, 0700));
    ASSERT_TRUE(replace_file(*disk_, file, before, 0600));
  });
  old_or_new(file, before, [&](Told& told) {
    told.finished = settings::save_server_url(*disk_, home_, "https://hub.example.com").has_value();
  });
}

// A damaged file that is set aside is under the one name or the other.
TEST_F(FilePower, ADamagedSessionsFileIsNeverLostWhenItIsSetAside) {
  const std::string damaged = "[[session]]\norigin = \n";
  given([&] {
    ASSERT_TRUE(disk_->make_directories(home_, 0700));
    ASSERT_TRUE(replace_file(*disk_, home_ / "sessions.toml", damaged, 0600));
  });
  credentials::Session session;
  session.origin = "https://hub.example.com";
  const auto check = [&](const Told& told) {
    bool kept = false;
    const auto names = real_.list(home_);
    for (const std::string& name : *names)
      kept = kept || (name.starts_with("sessions.toml") && content(home_ / name) == damaged);
    EXPECT_TRUE(kept);
    const auto sessions = credentials::SessionStore(environment_, home_).load();
    EXPECT_TRUE(!told.finished || (sessions && sessions->size() == 1)) << "told, and not there";
  };
  const auto put = [&](Told& told) {
    told.finished = credentials::SessionStore(environment_, home_).put(session).has_value();
  };
  cut_at_every_call(put, check);
  fail_every_call(put, check);
}

}  // namespace
}  // namespace pawprint::power
