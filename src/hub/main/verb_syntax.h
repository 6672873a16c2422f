// How the commands of an administrator are typed: one row each.
#pragma once

#include <span>
#include <string_view>

namespace pawprint::hub {

struct OptionSyntax {
  std::string_view name;  // "slug" is a word of its own, "--team" has a value behind it
  std::string_view help;
  bool required = true;
  std::string_view standard = {};  // what it is if not given
  bool is_flag = false;            // no value behind it: "true" if it is given
};

struct VerbSyntax {
  std::string_view group;  // "team"; empty: the verb stands alone
  std::string_view verb;
  std::string_view help;
  std::span<const OptionSyntax> options;
  bool takes_password = false;  // --password-stdin
};

std::span<const VerbSyntax> verb_syntax();  // by group

}  // namespace pawprint::hub
