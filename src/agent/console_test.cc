#include "agent/console.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <future>

namespace pawprint::agent {
namespace {

// Both ends of a terminal: `user` is where somebody sits.
class Terminal : public ::testing::Test {
 protected:
  Terminal() { EXPECT_EQ(::openpty(&user, &program, nullptr, nullptr, nullptr), 0); }
  ~Terminal() override {
    ::close(user);
    ::close(program);
  }

  std::string seen_until(std::string_view ending) {
    std::string seen;
    char character = 0;
    while (!seen.ends_with(ending) && ::read(user, &character, 1) == 1) seen += character;
    return seen;
  }
  void type(std::string_view text) {
    EXPECT_EQ(::write(user, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  bool echoes() {
    termios now{};
    EXPECT_EQ(::tcgetattr(program, &now), 0);
    return (now.c_lflag & static_cast<tcflag_t>(ECHO)) != 0;
  }

  int user = -1;
  int program = -1;
  std::atomic<bool> interrupted{false};
  std::unique_ptr<Console> console() { return make_console({program, program}, -1, interrupted); }
};

TEST_F(Terminal, ASecretIsReadWithoutEchoAndTheEchoComesBack) {
  const auto asker = console();
  auto answer = std::async(std::launch::async, [&] { return asker->ask_secret("Password: "); });
  EXPECT_EQ(seen_until("Password: "), "Password: ");
  EXPECT_FALSE(echoes());
  type("s3cret word\n");
  EXPECT_EQ(answer.get().value(), "s3cret word");
  EXPECT_EQ(seen_until("\n"), "\r\n");
  EXPECT_TRUE(echoes());
}

TEST_F(Terminal, ASignalEndsTheQuestionAndTheEchoComesBack) {
  const auto asker = console();
  auto answer = std::async(std::launch::async, [&] { return asker->ask_secret("Password: "); });
  seen_until("Password: ");
  interrupted = true;
  const auto refused = answer.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::interrupted);
  EXPECT_TRUE(echoes());
}

TEST_F(Terminal, TheEndOfTheInputIsNoEmptyPassword) {
  const auto asker = console();
  auto answer = std::async(std::launch::async, [&] { return asker->ask_secret("Password: "); });
  seen_until("Password: ");
  type("\x04");
  EXPECT_EQ(answer.get().error().kind, ErrorKind::interrupted);
}

TEST_F(Terminal, ANameIsReadUpToItsNewline) {
  const auto asker = console();
  auto answer = std::async(std::launch::async, [&] { return asker->ask("Username: "); });
  seen_until("Username: ");
  type("ann\nrest\n");
  EXPECT_EQ(answer.get().value(), "ann");
}

class Pipe : public ::testing::Test {
 protected:
  Result<std::string> read_of(std::string_view text) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(ends[1]);
    auto read = make_console({}, ends[0], interrupted)->read_piped();
    ::close(ends[0]);
    return read;
  }
  std::atomic<bool> interrupted{false};
};

TEST_F(Pipe, APipedPasswordLosesOneNewlineAndNothingElse) {
  EXPECT_EQ(read_of("secret\n").value(), "secret");
  EXPECT_EQ(read_of("secret\r\n").value(), "secret");
  EXPECT_EQ(read_of(" secret").value(), " secret");
  EXPECT_EQ(read_of("").value(), "");
}

TEST_F(Pipe, AWholeFileIsNoPassword) {
  EXPECT_EQ(read_of(std::string(5000, 'x')).error().kind, ErrorKind::usage);
}

TEST_F(Pipe, WithoutATerminalNothingCanBeAsked) {
  EXPECT_FALSE(make_console({}, -1, interrupted)->can_ask());
}

}  // namespace
}  // namespace pawprint::agent
