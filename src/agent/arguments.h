// From argv to a verb and its options.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"

namespace pawprint::agent {

enum class Verb { deliver, login, logout, whoami, reach, token };

struct Invocation {
  std::optional<Verb> verb;  // nullopt: only `help` is to be printed
  std::optional<std::string> server;
  std::optional<std::string> team;
  std::optional<std::string> username;
  bool password_on_stdin = false;
  bool by_device = false;
  std::string help;
};

// `words` is argv without the program's name. Kind `usage`.
Result<Invocation> parse_arguments(std::span<const std::string> words);

}  // namespace pawprint::agent
