#include "base/shell_word.h"

#include <gtest/gtest.h>

namespace pawprint {
namespace {

TEST(ShellWord, IsQuotedOnlyWhereAShellWouldReadMoreIntoIt) {
  EXPECT_EQ(shell_word("/home/ada/my_project-2/WP01.md"), "/home/ada/my_project-2/WP01.md");
  EXPECT_EQ(shell_word("/home/Zo\xC3\xAB"), "/home/Zo\xC3\xAB");
  EXPECT_EQ(shell_word("/tmp/my project"), "'/tmp/my project'");
  EXPECT_EQ(shell_word("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(shell_word("~ada"), "'~ada'");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace pawprint
