#include "schema/check.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/format.h"
#include "protocol/forms.h"
#include "protocol/json.h"
#include "schema/canonical_text.h"
#include "schema/schema.h"

namespace pawprint::schema {
namespace {

using boost::json::value;

unsigned types_of(const value& candidate) {
  switch (candidate.kind()) {
    case boost::json::kind::null:
      return kNull;
    case boost::json::kind::bool_:
      return kBoolean;
    case boost::json::kind::object:
      return kObject;
    case boost::json::kind::array:
      return kArray;
    case boost::json::kind::string:
      return kString;
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
      return is_integral(candidate) ? kNumber | kInteger : kNumber;
  }
  return 0;
}

bool is_multiple(const value& number, std::uint64_t of) {
  if (number.is_uint64()) return number.get_uint64() % of == 0;
  if (number.is_int64()) return number.get_int64() % static_cast<std::int64_t>(of) == 0;
  return std::fmod(number.get_double(), static_cast<double>(of)) == 0;
}

std::uint64_t characters_of(std::string_view utf8) {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      utf8, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

}  // namespace

Result<void> Check::judge(const Node& schema, const Value& value) {
  const bool held = holds(schema, value, Place{});
  if (steps_left_ == 0) {
    failure_.reset();
    refuse(Place{}, "its schema needs too many steps to judge it");
  } else if (held) {
    return {};
  }
  return std::unexpected(*std::move(failure_));
}

bool Check::spend(std::uint64_t steps) {
  steps_left_ -= std::min(steps, steps_left_);
  return steps_left_ > 0;
}

bool Check::refuse(const Place& place, std::string_view why) {
  if (quiet_ > 0 || failure_) return false;
  Error error;
  error.kind = ErrorKind::invalid;
  error.path = path_of(place, root_path_);
  error.message = fmt::format("{}: {}", error.path, why);
  failure_ = std::move(error);
  return false;
}

bool Check::matches(const re2::RE2& pattern, std::string_view text) {
  const auto size = static_cast<std::uint64_t>(pattern.ProgramSize());
  return spend(1 + text.size() / 4 * (1 + size / 256)) && re2::RE2::PartialMatch(text, pattern);
}

std::optional<std::string> Check::canonical(const Value& value) {
  std::string text = canonical_text(value);
  if (!spend(1 + text.size() / 8)) return std::nullopt;
  return text;
}

bool Check::holds_quietly(const Node& node, const Value& value, const Place& place) {
  ++quiet_;
  const bool held = holds(node, value, place);
  --quiet_;
  return held;
}

bool Check::holds(const Node& node, const Value& value, const Place& place) {
  if (!spend(1)) return false;
  if (node.never) return refuse(place, "the schema allows nothing here");
  if (!value_holds(node, value, place)) return false;
  if (value.is_number() && !number_holds(node, value, place)) return false;
  if (value.is_string() && !string_holds(node, value.get_string(), place)) return false;
  if (value.is_array() && !array_holds(node, value.get_array(), place)) return false;
  if (value.is_object() && !object_holds(node, value, place)) return false;
  return combined_holds(node, value, place);
}

bool Check::value_holds(const Node& node, const Value& value, const Place& place) {
  if (node.types != 0 && (node.types & types_of(value)) == 0) {
    return refuse(place, fmt::format("expected {}", node.types_shown));
  }
  if (!node.choices && !node.constant) return true;
  const auto text = canonical(value);
  if (!text) return false;
  if (node.choices && !node.choices->contains(*text)) {
    return refuse(place, fmt::format("expected one of {}", node.choices_shown));
  }
  if (node.constant && *node.constant != *text) {
    return refuse(place, fmt::format("expected {}", node.constant_shown));
  }
  return true;
}

bool Check::number_holds(const Node& node, const Value& number, const Place& place) {
  const long double amount = number_of(number);
  const auto bound = [&](bool held, std::string_view words, std::optional<long double> limit) {
    return held || refuse(place, fmt::format("expected {} {}", words, static_cast<double>(*limit)));
  };
  return bound(!node.minimum || amount >= *node.minimum, "at least", node.minimum) &&
         bound(!node.maximum || amount <= *node.maximum, "at most", node.maximum) &&
         bound(!node.exclusive_minimum || amount > *node.exclusive_minimum, "more than",
               node.exclusive_minimum) &&
         bound(!node.exclusive_maximum || amount < *node.exclusive_maximum, "less than",
               node.exclusive_maximum) &&
         (!node.multiple_of || is_multiple(number, *node.multiple_of) ||
          refuse(place, fmt::format("expected a multiple of {}", *node.multiple_of)));
}

bool Check::string_holds(const Node& node, std::string_view text, const Place& place) {
  if (node.min_length || node.max_length) {
    const std::uint64_t length = characters_of(text);
    if (!spend(1 + text.size() / 16)) return false;
    if (length < node.min_length.value_or(0))
      return refuse(place, fmt::format("expected {} characters at least", *node.min_length));
    if (node.max_length && length > *node.max_length)
      return refuse(place, fmt::format("expected {} characters at most", *node.max_length));
  }
  if (node.date_time && !protocol::is_date_time(text))
    return refuse(place, "expected a date and time (RFC 3339), as in 2026-02-03T12:00:00Z");
  if (node.pattern && !matches(*node.pattern, text))
    return refuse(place, fmt::format("expected text that matches {}", node.pattern_shown));
  return true;
}

bool Check::array_holds(const Node& node, const boost::json::array& array, const Place& place) {
  if (array.size() < node.min_items.value_or(0))
    return refuse(place, fmt::format("expected {} elements at least", *node.min_items));
  if (node.max_items && array.size() > *node.max_items)
    return refuse(place, fmt::format("expected {} elements at most", *node.max_items));
  std::set<std::string> seen;
  for (std::size_t index = 0; index < array.size(); ++index) {
    const Place element = element_of(place, index);
    const Node* schema = index < node.prefix_items.size() ? node.prefix_items[index] : node.items;
    if (schema != nullptr && !holds(*schema, array[index], element)) return false;
    if (!node.unique_items) continue;
    auto text = canonical(array[index]);
    if (!text) return false;
    if (!seen.insert(*std::move(text)).second) return refuse(element, "the same element stands before it");
  }
  return node.contains == nullptr || contains_holds(node, array, place);
}

bool Check::contains_holds(const Node& node, const boost::json::array& array, const Place& place) {
  std::uint64_t found = 0;
  std::size_t index = 0;
  for (const Value& element : array) {
    if (holds_quietly(*node.contains, element, element_of(place, index++))) ++found;
  }
  const std::uint64_t least = node.min_contains.value_or(1);
  if (found < least)
    return refuse(place, fmt::format("expected {} elements at least that fit `contains`", least));
  if (node.max_contains && found > *node.max_contains)
    return refuse(place, fmt::format("expected {} elements at most that fit `contains`", *node.max_contains));
  return true;
}

bool Check::names_hold(const Node& node, const boost::json::object& object, const Place& place) {
  const auto all_there = [&](const std::vector<std::string>& names, const std::string& why) {
    return spend(1 + names.size()) && std::ranges::all_of(names, [&](const std::string& name) {
             return object.contains(name) || refuse(member_of(place, name), why);
           });
  };
  if (object.size() < node.min_properties.value_or(0))
    return refuse(place, fmt::format("expected {} fields at least", *node.min_properties));
  if (node.max_properties && object.size() > *node.max_properties)
    return refuse(place, fmt::format("expected {} fields at most", *node.max_properties));
  if (!all_there(node.required, "missing field") || !spend(1 + node.dependent_required.size())) return false;
  return std::ranges::all_of(node.dependent_required, [&](const auto& row) {
    return !object.contains(row.first) ||
           all_there(row.second, fmt::format("missing field, needed beside {}", row.first));
  });
}

bool Check::object_holds(const Node& node, const Value& value, const Place& place) {
  const boost::json::object& object = value.get_object();
  if (!names_hold(node, object, place)) return false;
  for (const auto& [key, member] : object) {
    if (!member_holds(node, key, member, member_of(place, key))) return false;
  }
  return std::ranges::all_of(node.dependent_schemas, [&](const auto& row) {
    return !object.contains(row.first) || holds(*row.second, value, place);
  });
}

bool Check::member_holds(const Node& node, std::string_view key, const Value& value, const Place& place) {
  if (!spend(1)) return false;
  if (node.property_names != nullptr && !holds(*node.property_names, Value(key), place)) return false;
  bool is_named = false;
  if (const auto found = node.properties.find(key); found != node.properties.end()) {
    is_named = true;
    if (!holds(*found->second, value, place)) return false;
  }
  for (const auto& [pattern, schema] : node.pattern_properties) {
    if (!matches(*pattern, key)) continue;
    is_named = true;
    if (!holds(*schema, value, place)) return false;
  }
  if (is_named || node.additional_properties == nullptr) return true;
  if (node.additional_properties->never) return refuse(place, "the schema knows no such field");
  return holds(*node.additional_properties, value, place);
}

bool Check::combined_holds(const Node& node, const Value& value, const Place& place) {
  if (node.reference != nullptr && !holds(*node.reference, value, place)) return false;
  for (const Node* schema : node.all_of) {
    if (!holds(*schema, value, place)) return false;
  }
  if (node.condition != nullptr) {
    const Node* next = holds_quietly(*node.condition, value, place) ? node.consequence : node.alternative;
    if (next != nullptr && !holds(*next, value, place)) return false;
  }
  if (node.excluded != nullptr && holds_quietly(*node.excluded, value, place)) {
    return refuse(place, "it is what the schema excludes by `not`");
  }
  return alternatives_hold(node, value, place);
}

bool Check::alternatives_hold(const Node& node, const Value& value, const Place& place) {
  const auto fits = [&](const Node* schema) { return holds_quietly(*schema, value, place); };
  if (!node.any_of.empty() && std::ranges::none_of(node.any_of, fits)) {
    return refuse(place, fmt::format("it fits none of the {} schemas of `anyOf`", node.any_of.size()));
  }
  if (node.one_of.empty()) return true;
  const auto fitting = std::ranges::count_if(node.one_of, fits);
  if (fitting == 1) return true;
  return refuse(place, fmt::format("it fits {} of the {} schemas of `oneOf`, and must fit one", fitting,
                                   node.one_of.size()));
}

Schema::Schema(std::unique_ptr<const Document> document) : document_(std::move(document)) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

Result<void> Schema::check(const boost::json::value& value, std::string_view root_path) const {
  return Check(root_path).judge(document_->nodes.front(), value);
}

}  // namespace pawprint::schema
