// What a command is: one row of the table in commands.cc, one run function, one report that comes back.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "pawprint/warning.h"

namespace pawprint::cli {

// An option of a command. Without a value name it is a flag.
struct Option {
  std::string_view name;        // "--feature"
  std::string_view value_name;  // "SLUG", empty for a flag
  std::string_view help;
  bool required = false;
};

struct Positional {
  std::string_view name;  // "WP"
  std::string_view help;
  bool many = false;  // one or more; else exactly one
  bool optional = false;
};

// The words behind the command's name, checked against its row. Every value was given by the user.
struct Arguments {
  std::map<std::string, std::string, std::less<>> values;
  std::vector<std::string> positionals;

  bool flag(std::string_view name) const { return values.contains(name); }
  std::optional<std::string> value(std::string_view name) const;
  std::string value_or(std::string_view name, std::string_view fallback) const;
};

// What the process is attached to.
struct Terminal {
  bool input = false;
  bool output = false;
  bool errors = false;
};

struct Context {
  const Environment& environment;
  Terminal terminal;
  bool json = false;
  Warnings warnings;
};

// The outcome of a command; report.cc renders it. With an error, `data` is what is known all the same.
struct Report {
  boost::json::object data;  // the documented fields of --json
  std::string text;          // for people, lines end in newlines
  std::string bytes;         // takes the place of `text` and is written as it is: output that is data
  std::optional<Error> error;
  std::optional<int> exit_code;  // only where it is not that of `error`
};

struct Command {
  std::string_view name;     // words separated by one blank: "agent tasks move-task"
  std::string_view alias;    // a second spelling, empty if none
  std::string_view summary;  // one line, no final period
  std::span<const Option> options;
  std::span<const Positional> positionals;
  Result<Report> (*run)(Context&, const Arguments&);
};

std::span<const Command> commands();

}  // namespace pawprint::cli
