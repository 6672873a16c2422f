// Judging one value by a schema. For .cc files of this module.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "schema/node.h"

namespace pawprint::schema {

class Check {
 public:
  explicit Check(std::string_view root_path) : root_path_(root_path) {}

  // What Schema::check says.
  Result<void> judge(const Node& schema, const boost::json::value& value);

 private:
  using Value = boost::json::value;

  // Each tells whether the value holds; of those that do not, the first that counts is kept as failure_.
  bool holds(const Node& node, const Value& value, const Place& place);
  bool value_holds(const Node& node, const Value& value, const Place& place);
  bool number_holds(const Node& node, const Value& number, const Place& place);
  bool string_holds(const Node& node, std::string_view text, const Place& place);
  bool array_holds(const Node& node, const boost::json::array& array, const Place& place);
  bool contains_holds(const Node& node, const boost::json::array& array, const Place& place);
  bool object_holds(const Node& node, const Value& value, const Place& place);
  bool names_hold(const Node& node, const boost::json::object& object, const Place& place);
  bool member_holds(const Node& node, std::string_view key, const Value& value, const Place& place);
  bool combined_holds(const Node& node, const Value& value, const Place& place);
  bool alternatives_hold(const Node& node, const Value& value, const Place& place);

  bool holds_quietly(const Node& node, const Value& value, const Place& place);
  bool matches(const re2::RE2& pattern, std::string_view text);
  std::optional<std::string> canonical(const Value& value);  // nullopt: out of steps

  bool spend(std::uint64_t steps);  // false: there are no more
  bool refuse(const Place& place, std::string_view why);

  const std::string_view root_path_;
  std::optional<Error> failure_;
  int quiet_ = 0;  // inside a part whose failure is not the value's
  std::uint64_t steps_left_ = kMaxSteps;

  static constexpr std::uint64_t kMaxSteps = 2'000'000;
};

}  // namespace pawprint::schema
