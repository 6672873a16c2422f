#include "hub/main/admin_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <semaphore>

#include "base/format.h"

namespace pawprint::hub {
namespace {

class AdminSocketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-admin-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override {
    socket_.reset();
    std::filesystem::remove_all(directory_);
  }
  void open() {
    const auto perform = [this](const AdminRequest& request,
                                const std::stop_token& stop) -> Result<std::string> {
      if (request.verb == "fail") return fail(ErrorKind::usage, "no \"such\" thing", "try this");
      if (request.verb == "long") {
        long_ones_.emplace_back(request.option("name"));
        long_begun_.release();
        long_may_end_.acquire();
      }
      if (request.verb == "endless") return until_stopped(stop);
      return fmt::format("{} {}\n", request.verb, request.option("name"));
    };
    auto opened = AdminSocket::open(directory_, perform, [](const AdminRequest& request) {
      return request.verb != "greet" && request.verb != "fail";
    });
    ASSERT_TRUE(opened) << opened.error().message;
    socket_ = std::move(*opened);
  }
  Result<std::string> until_stopped(const std::stop_token& stop) {
    long_begun_.release();
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait(lock, stop, [] { return false; });
    return pawprint::fail(ErrorKind::interrupted, "stopped");
  }
  int connected() const {
    const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy((directory_ / "admin.sock").string(), address.sun_path);
    EXPECT_EQ(::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return connection;
  }
  void send_and_leave(std::string_view bytes) const {
    const int connection = connected();
    EXPECT_EQ(::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL), std::ssize(bytes));
    ::close(connection);
  }
  // What comes back for these bytes, with nothing more behind them.
  std::string raw(std::string_view bytes) const {
    const int connection = connected();
    while (!bytes.empty()) {
      const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;  // it has answered already
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    ::shutdown(connection, SHUT_WR);
    std::string answer;
    char byte = 0;
    while (::read(connection, &byte, 1) == 1) answer += byte;
    ::close(connection);
    return answer;
  }

  // As raw(), by a process of another user.
  std::string raw_of_another_user(std::string_view bytes) const {
    constexpr uid_t kNobody = 65534;
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      if (::setuid(kNobody) != 0) ::_exit(1);
      const std::string answer = raw(bytes);
      ::_exit(::write(ends[1], answer.data(), answer.size()) == std::ssize(answer) ? 0 : 1);
    }
    ::close(ends[1]);
    std::string answer;
    char byte = 0;
    while (::read(ends[0], &byte, 1) == 1) answer += byte;
    ::close(ends[0]);
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    return answer;
  }

  Path directory_;
  std::vector<std::string> long_ones_;
  std::counting_semaphore<8> long_begun_{0}, long_may_end_{0};
  std::unique_ptr<AdminSocket> socket_;
};

TEST_F(AdminSocketTest, ARequestComesBackAsWhatWasDone) {
  open();
  const auto answer = ask_running_hub(directory_, {"greet", {{"name", "Ada \"\n\" Ö"}}});
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ(**answer, "greet Ada \"\n\" Ö\n");
}

TEST_F(AdminSocketTest, AnErrorKeepsItsKindAndItsHint) {
  open();
  const auto answer = ask_running_hub(directory_, {"fail", {}});
  ASSERT_TRUE(answer);
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().kind, ErrorKind::usage);
  EXPECT_EQ(answer->error().message, "no \"such\" thing");
  EXPECT_EQ(answer->error().hint, "try this");
}

TEST_F(AdminSocketTest, WhatIsNoRequestIsAnErrorAndTheNextOneIsServed) {
  open();
  for (const std::string& bytes :
       {std::string(), std::string("\n"), std::string("nonsense\n"), std::string("{}\n"), std::string("[]\n"),
        std::string("{\"verb\":\"greet\",\"options\":{\"name\":7}}\n"),
        write_request({"greet", {}}).substr(1), std::string(R"({"verb":"greet","options":{}})"),
        std::string(kMaxAdminRequestBytes + 2, 'x')}) {
    const std::string answer = raw(bytes);
    if (answer.empty() && bytes.size() > kMaxAdminRequestBytes) continue;  // closed with bytes unread
    EXPECT_TRUE(answer.starts_with("{\"ok\":false,")) << answer;
  }
  EXPECT_EQ(raw(write_request({"greet", {{"name", "Bob"}}})), "{\"ok\":true,\"text\":\"greet Bob\\n\"}\n");
}

TEST_F(AdminSocketTest, WhatTakesLongHoldsUpNoOtherCommandAndNoEnd) {
  open();
  auto first = std::async([this] { return ask_running_hub(directory_, {"long", {{"name", "one"}}}); });
  long_begun_.acquire();
  const auto meanwhile = ask_running_hub(directory_, {"greet", {{"name", "Ada"}}});
  ASSERT_TRUE(meanwhile && *meanwhile);
  EXPECT_EQ(**meanwhile, "greet Ada\n");
  EXPECT_FALSE(socket_->stop(std::chrono::milliseconds(1))) << "it is still at work";
  EXPECT_FALSE(ask_running_hub(directory_, {"greet", {}}));
  long_may_end_.release();
  EXPECT_TRUE(socket_->stop(std::chrono::minutes(1)));
  const auto answer = first.get();
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ(**answer, "long one\n");
}

TEST_F(AdminSocketTest, WhatTakesLongIsDoneOneAfterTheOther) {
  open();
  auto first = std::async([this] { return ask_running_hub(directory_, {"long", {{"name", "one"}}}); });
  long_begun_.acquire();
  auto second = std::async([this] { return ask_running_hub(directory_, {"long", {{"name", "two"}}}); });
  long_may_end_.release();
  EXPECT_TRUE(*first.get());
  long_begun_.acquire();
  long_may_end_.release();
  EXPECT_EQ(**second.get(), "long two\n");
}

// As one whose time was over: what it asked for would hold up others for nobody.
TEST_F(AdminSocketTest, WhatTakesLongIsNotBegunForWhoHasGoneAway) {
  open();
  auto first = std::async([this] { return ask_running_hub(directory_, {"long", {{"name", "one"}}}); });
  long_begun_.acquire();
  send_and_leave(write_request({"long", {{"name", "gone"}}}));
  EXPECT_TRUE(ask_running_hub(directory_, {"greet", {}})) << "so that the one before it was taken in";
  auto third = std::async([this] { return ask_running_hub(directory_, {"long", {{"name", "three"}}}); });
  long_may_end_.release(3);
  EXPECT_TRUE(*first.get());
  EXPECT_EQ(**third.get(), "long three\n");
  EXPECT_EQ(long_ones_, (std::vector<std::string>{"one", "three"}));
}

TEST_F(AdminSocketTest, WhatTakesLongIsStoppedWhenWhoAskedGoesAway) {
  open();
  const int connection = connected();
  const std::string request = write_request({"endless", {}});
  ASSERT_EQ(::send(connection, request.data(), request.size(), MSG_NOSIGNAL), std::ssize(request));
  long_begun_.acquire();
  ::close(connection);
  long_may_end_.release();
  const auto next = ask_running_hub(directory_, {"long", {{"name", "two"}}});
  ASSERT_TRUE(next && *next);
  EXPECT_EQ(**next, "long two\n");
}

TEST_F(AdminSocketTest, WhatTakesLongIsStoppedWhenTheHubEnds) {
  open();
  auto first = std::async([this] { return ask_running_hub(directory_, {"endless", {}}); });
  long_begun_.acquire();
  EXPECT_TRUE(socket_->stop(std::chrono::minutes(1)));
  const auto answer = first.get();
  ASSERT_TRUE(answer);
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().kind, ErrorKind::failed);
  EXPECT_NE(answer->error().message.find("endless was stopped"), std::string::npos)
      << answer->error().message;
}

TEST_F(AdminSocketTest, WhoFindsTooManyOfThemWaitingIsToldWhatToDo) {
  open();
  auto first = std::async([this] { return ask_running_hub(directory_, {"long", {{"name", "one"}}}); });
  long_begun_.acquire();
  for (int i = 0; i < 8; ++i) send_and_leave(write_request({"long", {{"name", "gone"}}}));
  const auto refused = ask_running_hub(directory_, {"long", {{"name", "ten"}}});
  long_may_end_.release();
  ASSERT_TRUE(refused);
  ASSERT_FALSE(*refused);
  EXPECT_EQ(refused->error().kind, ErrorKind::busy);
  EXPECT_TRUE(refused->error().hint.contains("then run this again")) << refused->error().hint;
  EXPECT_TRUE(*first.get());
}

TEST_F(AdminSocketTest, ACommandThatIsTooLongIsNotSent) {
  open();
  const auto answer =
      ask_running_hub(directory_, {"greet", {{"name", std::string(kMaxAdminRequestBytes, 'x')}}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error().kind, ErrorKind::invalid);
}

TEST_F(AdminSocketTest, TheSocketIsForItsUserAloneAndGoesWithTheHub) {
  open();
  struct stat status{};
  ASSERT_EQ(::stat((directory_ / "admin.sock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  socket_.reset();
  EXPECT_FALSE(std::filesystem::exists(directory_ / "admin.sock"));
  EXPECT_FALSE(ask_running_hub(directory_, {"greet", {}}));
}

// Whatever mode directory and socket were given since, or got from a backup.
TEST_F(AdminSocketTest, AnotherUserIsRefusedAlsoWhereTheModeLetsThemIn) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user for a while";
  open();
  std::filesystem::permissions(directory_, std::filesystem::perms(0755));
  std::filesystem::permissions(directory_ / "admin.sock", std::filesystem::perms(0666));
  const std::string request = write_request({"greet", {{"name", "Eve"}}});
  const std::string answer = raw_of_another_user(request);
  EXPECT_TRUE(answer.starts_with("{\"ok\":false,")) << answer;
  EXPECT_TRUE(answer.contains("only root and the user who runs the hub may administer it")) << answer;
  EXPECT_TRUE(raw(request).starts_with("{\"ok\":true,"));
}

TEST_F(AdminSocketTest, ASocketThatWasLeftBehindIsReplaced) {
  open();
  std::filesystem::create_hard_link(directory_ / "admin.sock", directory_ / "kept");
  socket_.reset();
  std::filesystem::rename(directory_ / "kept", directory_ / "admin.sock");
  EXPECT_FALSE(ask_running_hub(directory_, {"greet", {}}));
  open();
  EXPECT_TRUE(ask_running_hub(directory_, {"greet", {}}));
}

TEST_F(AdminSocketTest, ADirectoryMayHaveALongName) {
  directory_ /= std::string(200, 'd');
  std::filesystem::create_directory(directory_);
  open();
  const auto answer = ask_running_hub(directory_, {"greet", {{"name", "Ada"}}});
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ(**answer, "greet Ada\n");
  socket_.reset();
  directory_ = directory_.parent_path();
}

}  // namespace
}  // namespace pawprint::hub
