#include "cli/arguments.h"

#include <getopt.h>

#include <algorithm>

#include "base/format.h"
#include "base/printable.h"
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
    if (word == "--version" && prefix.empty()) return Invocation{nullptr, {}, false, version_line(), true};
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

std::unexpected<Error> refused(const Command& command, std::string_view why) {
  return fail(ErrorKind::usage, fmt::format("{}: {}", command.name, why),
              fmt::format("pawprint {} --help", command.name));
}

// What getopt_long calls its options: a flag is known by its number even where it is refused.
constexpr int kFirstOption = 256;
constexpr int kPositional = 1;
constexpr Option kJson{"--json", "", ""};

std::vector<const Option*> options_of(const Command& command) {
  std::vector<const Option*> options{&kJson};
  for (const Option& each : command.options) options.push_back(&each);
  return options;
}

// The names stand in the table of commands, so that a zero byte ends them.
std::vector<::option> getopt_table(std::span<const Option* const> options) {
  std::vector<::option> table;
  int number = kFirstOption;
  for (const Option* each : options)
    table.push_back({each->name.data() + 2, each->value_name.empty() ? 0 : 1, nullptr, number++});
  table.push_back({});
  return table;
}

bool is_option(const Command& command, std::string_view word) {
  const auto options = options_of(command);
  return std::ranges::find(options, word, &Option::name) != options.end();
}

// `word`: what the user typed for it, which getopt_long would let be the beginning of the name.
Result<void> take_option(const Command& command, const Option& option, std::string_view word,
                         const char* value, Arguments& arguments) {
  const auto equals = word.find('=');
  if (word.substr(0, equals) != option.name)
    return refused(command, fmt::format("there is no option {}", word));
  const bool joined = equals != std::string_view::npos;
  if (value != nullptr && (joined ? *value == '\0' : is_option(command, value)))
    return refused(command, fmt::format("{} needs a value, {}", option.name, option.value_name));
  const bool first = arguments.values.emplace(option.name, value != nullptr ? value : "").second;
  if (first || option.value_name.empty()) return {};
  return refused(command, fmt::format("{} is given twice", option.name));
}

Result<void> check_required(const Command& command, const Arguments& arguments) {
  for (const Option& each : command.options) {
    if (each.required && !arguments.flag(each.name))
      return refused(command, fmt::format("{} is required", each.name));
  }
  const std::size_t given = arguments.positionals.size();
  const auto wanted = command.positionals;
  if (given < wanted.size() && !wanted[given].optional)
    return refused(command, fmt::format("{} is required", wanted[given].name));
  if (given <= wanted.size() || (!wanted.empty() && wanted.back().many)) return {};
  return refused(command, fmt::format("{} is one word too many", arguments.positionals[wanted.size()]));
}

// What is written into an event has to be text. Files may have any name, and a payload is checked as JSON.
Result<void> check_text(const Command& command, const Arguments& arguments) {
  const auto is_text = [](const std::string& value) { return valid_utf8(value) == value; };
  for (const Option& each : command.options) {
    const bool may_be_bytes = each.value_name == "FILE" || each.value_name == "JSON";
    const auto value = arguments.value(each.name);
    if (!may_be_bytes && value && !is_text(*value))
      return refused(command, fmt::format("{} is not UTF-8", each.name));
  }
  for (std::size_t i = 0; i < arguments.positionals.size(); ++i) {
    if (!is_text(arguments.positionals[i]))
      return refused(command,
                     fmt::format("{} is not UTF-8",
                                 command.positionals[std::min(i, command.positionals.size() - 1)].name));
  }
  return {};
}

// By glibc's parser, which keeps its place in globals: for one thread at a time. In the order of the words,
// or POSIXLY_CORRECT would end the options at the first word that is none.
Result<Arguments> parse_with_getopt(const Command& command, std::span<const std::string> words) {
  const auto options = options_of(command);
  const auto table = getopt_table(options);
  std::vector<std::string> texts{"pawprint"};
  texts.insert(texts.end(), words.begin(), words.end());
  std::vector<char*> pointers;
  for (std::string& each : texts) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  const int count = static_cast<int>(texts.size());

  Arguments arguments;
  ::opterr = 0;
  ::optind = 0;  // begins anew
  for (;;) {
    const int at = std::max(::optind, 1);
    const int got = ::getopt_long(count, pointers.data(), "-:", table.data(), nullptr);
    if (got == -1) break;
    if (got == kPositional) {
      arguments.positionals.emplace_back(::optarg);
      continue;
    }
    const std::string_view word = pointers[static_cast<std::size_t>(at)];
    if (got == '?' && ::optopt >= kFirstOption)
      return refused(command, fmt::format("{} takes no value: give it, or leave it out",
                                          word.substr(0, word.find('='))));
    if (got == '?') return refused(command, fmt::format("there is no option {}", word));
    const Option& option = *options[static_cast<std::size_t>((got == ':' ? ::optopt : got) - kFirstOption)];
    if (got == ':') return refused(command, fmt::format("{} needs a value, {}", word, option.value_name));
    PAW_TRY(taken, take_option(command, option, word, ::optarg, arguments));
  }
  arguments.positionals.insert(arguments.positionals.end(), texts.begin() + ::optind, texts.end());
  PAW_TRY(whole, check_required(command, arguments));
  PAW_TRY(readable, check_text(command, arguments));
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
  PAW_TRY(arguments, parse_with_getopt(*match.command, rest));
  return Invocation{match.command, std::move(arguments), wants_json(rest), {}};
}

}  // namespace pawprint::cli
