#include "schema/canonical_text.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "base/format.h"
#include "protocol/envelope.h"

namespace pawprint::schema {
namespace {

using boost::json::value;

static_assert(std::numeric_limits<long double>::digits >= 64, "a 64-bit integer must fit");

std::string number_text(const value& number) {
  if (number.is_int64()) return fmt::format("{}", number.get_int64());
  if (number.is_uint64()) return fmt::format("{}", number.get_uint64());
  const double real = number.get_double();
  if (real == 0) return "0";
  if (is_integral(number) && real >= -0x1p63 && real < 0x1p63)
    return fmt::format("{}", static_cast<std::int64_t>(real));
  if (is_integral(number) && real > 0 && real < 0x1p64)
    return fmt::format("{}", static_cast<std::uint64_t>(real));
  return fmt::format("{}", real);
}

void append(std::string& out, const value& value);

void append_object(std::string& out, const boost::json::object& object) {
  std::vector<const boost::json::key_value_pair*> members;
  for (const auto& member : object) members.push_back(&member);
  std::ranges::sort(members, {}, [](const auto* member) { return std::string_view(member->key()); });
  out += '{';
  for (const auto* member : members) {
    out += protocol::json_string(member->key());
    append(out, member->value());
    out += ',';
  }
  out += '}';
}

void append(std::string& out, const value& value) {
  if (value.is_object()) return append_object(out, value.get_object());
  if (value.is_array()) {
    out += '[';
    for (const auto& item : value.get_array()) {
      append(out, item);
      out += ',';
    }
    out += ']';
  } else if (value.is_string()) {
    out += protocol::json_string(value.get_string());
  } else if (value.is_bool()) {
    out += value.get_bool() ? "true" : "false";
  } else if (value.is_null()) {
    out += "null";
  } else {
    out += number_text(value);
  }
}

}  // namespace

std::string canonical_text(const value& value) {
  std::string text;
  append(text, value);
  return text;
}

bool is_integral(const value& value) {
  if (value.is_int64() || value.is_uint64()) return true;
  return value.is_double() && std::isfinite(value.get_double()) &&
         std::trunc(value.get_double()) == value.get_double();
}

long double number_of(const value& value) {
  if (value.is_int64()) return static_cast<long double>(value.get_int64());
  if (value.is_uint64()) return static_cast<long double>(value.get_uint64());
  return value.get_double();
}

}  // namespace pawprint::schema
