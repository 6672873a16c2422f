#include "cli/help.h"

#include <algorithm>

#include "base/format.h"
#include "pawprint/version.h"

namespace pawprint::cli {
namespace {

std::string placeholder(const Option& option) {
  if (option.value_name.empty()) return std::string(option.name);
  return fmt::format("{} {}", option.name, option.value_name);
}

constexpr Option kJson{"--json", "", "print one JSON object instead of text"};

}  // namespace

std::string version_line() {
  return fmt::format("pawprint {}\n", kVersion);
}

std::string overview(std::string_view prefix) {
  std::string text =
      fmt::format("usage: pawprint {}{}COMMAND [OPTIONS]\n\n", prefix, prefix.empty() ? "" : " ");
  // The short names, unless somebody asks what a longer one begins.
  const auto name_of = [&](const Command& command) {
    return prefix.empty() && !command.alias.empty() ? command.alias : command.name;
  };
  std::size_t width = 0;
  for (const Command& command : commands()) width = std::max(width, name_of(command).size());
  for (const Command& command : commands()) {
    if (!command.name.starts_with(prefix)) continue;
    text += fmt::format("  {:<{}}  {}", name_of(command), width, command.summary);
    text += name_of(command) == command.name ? "\n" : fmt::format(" ({})\n", command.name);
  }
  text += "\n`pawprint COMMAND --help` explains one command; every command takes --json.\n";
  text +=
      "exit codes: 0 done, 1 failed, 2 wrong usage, 3 not in a project, 4 not signed in,\n"
      "            5 hub unreachable or refusing, 130 interrupted\n";
  return text;
}

std::string help_of(const Command& command) {
  std::string text = fmt::format("usage: pawprint {}", command.name);
  for (const Positional& positional : command.positionals) {
    const std::string word = fmt::format("{}{}", positional.name, positional.many ? "..." : "");
    text += positional.optional ? fmt::format(" [{}]", word) : " " + word;
  }
  for (const Option& option : command.options) {
    if (option.required) text += " " + placeholder(option);
  }
  text += fmt::format(" [OPTIONS]\n\n{}.\n", command.summary);
  if (!command.alias.empty()) text += fmt::format("Also: pawprint {}\n", command.alias);
  std::size_t width = kJson.name.size();
  for (const Positional& positional : command.positionals) width = std::max(width, positional.name.size());
  for (const Option& option : command.options) width = std::max(width, placeholder(option).size());
  text += "\n";
  for (const Positional& positional : command.positionals) {
    text += fmt::format("  {:<{}}  {}\n", positional.name, width, positional.help);
  }
  for (const Option& option : command.options) {
    text += fmt::format("  {:<{}}  {}\n", placeholder(option), width, option.help);
  }
  text += fmt::format("  {:<{}}  {}\n", kJson.name, width, kJson.help);
  return text;
}

}  // namespace pawprint::cli
