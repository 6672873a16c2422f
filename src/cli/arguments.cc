#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/format.h"
#include "cli/help.h"

namespace pawprint::cli {
namespace {

struct Match {
  const Command* command = nullptr;
  std::size_t words = 0;
};

std::size_t leading_words(std::string_view name, std::span<const std::string> words) {
  std::size_t count = 0;
  for (std::size_t begin = 0; begin <= name.size(); ++count) {
    const std::size_t end = std::min(name.find(' ', begin), name.size());
    if (count >= words.size() || words[count] != name.substr(begin, end - begin)) return 0;
    begin = end + 1;
  }
  return count;
}

Match match_command(std::span<const std::string> words) {
  Match best;
  for (const Command& command : commands()) {
    for (const std::string_view name : {command.name, command.alias}) {
      if (name.empty()) continue;
      const std::size_t count = leading_words(name, words);
      if (count > best.words) best = {&command, count};
    }
  }
  return best;
}

bool is_group(std::string_view prefix) {
  return std::ranges::any_of(commands(), [&](const Command& command) {
    return command.name.starts_with(prefix) && command.name.size() > prefix.size() &&
           command.name[prefix.size()] == ' ';
  });
}

std::string help_hint(std::string_view group) {
  return fmt::format("pawprint {}{}--help", group, group.empty() ? "" : " ");
}

// `group`: the words before that are known.
std::unexpected<Error> unknown_command(std::string_view name, std::string_view group = {}) {
  return fail(ErrorKind::usage, fmt::format("unknown command: {}", name), help_hint(group));
}

// `help`, and what stands behind it: a command, a group, or nothing.
Result<Invocation> help_about(std::span<const std::string> words) {
  const Match match = match_command(words);
  if (match.command != nullptr) return Invocation{nullptr, {}, false, help_of(*match.command)};
  std::string prefix;
  for (const std::string& word : words) {
    if (!word.starts_with('-')) prefix += (prefix.empty() ? "" : " ") + word;
  }
  if (prefix.empty() || is_group(prefix)) return Invocation{nullptr, {}, false, overview(prefix)};
  return unknown_command(prefix);
}

Result<Invocation> without_command(std::span<const std::string> words) {
  if (!words.empty() && words.front() == "help") return help_about(words.subspan(1));
  std::string prefix;
  for (const std::string& word : words) {
    if (word == "--help" || word == "-h") {
      return Invocation{nullptr, {}, false, overview(prefix)};
    }
    if (word == "--version" && prefix.empty()) return Invocation{nullptr, {}, false, version_line()};
    const std::string longer = prefix.empty() ? word : prefix + " " + word;
    if (word.starts_with('-')) {
      return fail(ErrorKind::usage, fmt::format("{} has its place behind the command", word),
                  "pawprint --help");
    }
    if (!is_group(longer)) return unknown_command(longer, prefix);
    prefix = longer;
  }
  return fail(ErrorKind::usage, "no command given", help_hint(prefix));
}

// CLI11 would take "--force=false" for a flag that is given.
Result<void> refuse_flag_values(const Command& command, std::span<const std::string> words) {
  const auto is_flag = [&](std::string_view name) {
    const auto option = std::ranges::find(command.options, name, &Option::name);
    return name == "--json" || (option != command.options.end() && option->value_name.empty());
  };
  for (const std::string& word : words) {
    if (word == "--") break;
    const auto equals = word.find('=');
    if (equals == std::string::npos || !is_flag(std::string_view(word).substr(0, equals))) continue;
    return fail(
        ErrorKind::usage,
        fmt::format("{}: {} takes no value: give it, or leave it out", command.name, word.substr(0, equals)),
        fmt::format("pawprint {} --help", command.name));
  }
  return {};
}

// CLI11 throws; its exceptions end here.
Result<Arguments> parse_with_cli11(const Command& command, std::span<const std::string> words) {
  CLI::App app;
  app.set_help_flag("");
  Arguments arguments;
  std::map<std::string_view, std::string> values;
  std::map<std::string_view, bool> flags;
  for (const Option& option : command.options) {
    CLI::Option* added = option.value_name.empty()
                             ? app.add_flag(std::string(option.name), flags[option.name])
                             : app.add_option(std::string(option.name), values[option.name]);
    if (option.required) added->required();
  }
  bool json = false;
  app.add_flag("--json", json);
  if (!command.positionals.empty()) {
    CLI::Option* added = app.add_option(std::string(command.positionals.front().name), arguments.positionals);
    added->required(!command.positionals.front().optional);
    if (!command.positionals.back().many) added->expected(static_cast<int>(command.positionals.size()));
  }
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& problem) {
    std::string why = problem.what();
    std::ranges::replace(why, '\n', ' ');
    return fail(ErrorKind::usage, fmt::format("{}: {}", command.name, why),
                fmt::format("pawprint {} --help", command.name));
  }
  for (const Option& option : command.options) {
    if (app.count(std::string(option.name)) == 0) continue;
    arguments.values.emplace(option.name, option.value_name.empty() ? "" : values[option.name]);
  }
  return arguments;
}

}  // namespace

bool wants_json(std::span<const std::string> words) {
  return std::ranges::find(words, "--json") != words.end();
}

Result<Invocation> parse_arguments(std::span<const std::string> words) {
  if (!words.empty() && words.front() == "--json") {
    PAW_TRY(invocation, parse_arguments(words.subspan(1)));
    invocation.json = true;
    return invocation;
  }
  const Match match = match_command(words);
  if (match.command == nullptr) return without_command(words);
  const auto rest = words.subspan(match.words);
  const auto end_of_options = std::ranges::find(rest, "--");
  if (std::any_of(rest.begin(), end_of_options,
                  [](const std::string& word) { return word == "--help" || word == "-h"; })) {
    return Invocation{nullptr, {}, false, help_of(*match.command)};
  }
  PAW_TRY(flags, refuse_flag_values(*match.command, rest));
  PAW_TRY(arguments, parse_with_cli11(*match.command, rest));
  return Invocation{match.command, std::move(arguments), wants_json(rest), {}};
}

}  // namespace pawprint::cli
