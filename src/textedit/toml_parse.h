// TOML as toml++ reads it. The only place that includes toml++: its parser asserts where some damaged texts
// lead it, and a damaged file must not end the program.
#pragma once

#include <expected>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pawprint::textedit {

struct TomlAssertion : std::logic_error {
  using std::logic_error::logic_error;
};

[[noreturn]] inline void toml_parser_lost_its_way() {
  throw TomlAssertion("the parser lost its way");
}

}  // namespace pawprint::textedit

#define TOML_ASSERT(expression) \
  (static_cast<bool>(expression) ? static_cast<void>(0) : ::pawprint::textedit::toml_parser_lost_its_way())
#include <toml++/toml.h>

namespace pawprint::textedit {

struct TomlProblem {
  std::string why;
  int line = 0;    // from 1
  int column = 0;  // from 1
};

std::expected<toml::table, TomlProblem> parse_toml(std::string_view text);

}  // namespace pawprint::textedit
