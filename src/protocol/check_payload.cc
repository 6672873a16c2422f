#include <algorithm>
#include <boost/json/value.hpp>

#include "base/format.h"
#include "protocol/catalogue.h"
#include "protocol/forms.h"
#include "protocol/json.h"
#include "protocol/lanes.h"
#include "protocol/refusal.h"

namespace pawprint::protocol {
namespace {

using boost::json::value;

bool is_string_where(const value& candidate, bool (*holds)(std::string_view)) {
  return candidate.is_string() && holds(candidate.get_string());
}

bool is_nonempty(std::string_view text) {
  return !text.empty();
}

bool is_count(const value& candidate) {
  return candidate.is_uint64() || (candidate.is_int64() && candidate.get_int64() >= 0);
}

// `choices` are separated by '/'.
bool is_choice(std::string_view choices, std::string_view text) {
  for (;;) {
    const std::size_t end = choices.find('/');
    if (choices.substr(0, end) == text) return true;
    if (end == std::string_view::npos) return false;
    choices.remove_prefix(end + 1);
  }
}

bool is_word(const FieldSpec& field, const value& candidate) {
  if (!candidate.is_string()) return false;
  const std::string_view text = candidate.get_string();
  if (field.rule == FieldRule::choice) return is_choice(field.choices, text);
  if (field.rule == FieldRule::lane) return lane_of(text).has_value();
  return std::ranges::any_of(words_of(field), [&](std::string_view word) { return word == text; });
}

bool holds(const FieldSpec& field, const value& candidate) {
  switch (field.rule) {
    case FieldRule::text:
      return candidate.is_string();
    case FieldRule::text_nonempty:
      return is_string_where(candidate, is_nonempty);
    case FieldRule::wp_id:
      return is_string_where(candidate, is_wp_id);
    case FieldRule::boolean:
      return candidate.is_bool();
    case FieldRule::count:
      return is_count(candidate);
    case FieldRule::object:
      return candidate.is_object();
    case FieldRule::text_list:
    case FieldRule::wp_id_list:
      return candidate.is_array();
    case FieldRule::feature_slug:
      return is_string_where(candidate, is_feature_slug);
    case FieldRule::feature_number:
      return is_string_where(candidate, is_feature_number);
    case FieldRule::date_time:
      return is_string_where(candidate, is_date_time);
    case FieldRule::sha256:
      return is_string_where(candidate, is_sha256_hex);
    case FieldRule::lane:
    case FieldRule::lane_g1:
    case FieldRule::choice:
      return is_word(field, candidate);
  }
  return false;
}

// The items of a list field.
Result<void> check_items(const FieldSpec& field, const std::string& path, const value& list) {
  const FieldSpec item{.name = field.name,
                       .rule = field.rule == FieldRule::wp_id_list ? FieldRule::wp_id : FieldRule::text,
                       .required = true,
                       .nullable = false,
                       .choices = {}};
  std::size_t index = 0;
  for (const value& candidate : list.get_array()) {
    if (!holds(item, candidate)) {
      return refuse(child_path(path, index), fmt::format("expected {}", description_of(item)));
    }
    ++index;
  }
  return {};
}

Result<void> check_field(const FieldSpec& field, const value* candidate) {
  const auto path = [&] { return child_path("payload", field.name); };
  if (candidate == nullptr) {
    if (field.required) return refuse(path(), "missing field");
    return {};
  }
  if (field.nullable && candidate->is_null()) return {};
  if (!holds(field, *candidate)) {
    const std::string_view or_null = field.nullable ? " or null" : "";
    return refuse(path(), fmt::format("expected {}{}", description_of(field), or_null));
  }
  if (field.rule != FieldRule::text_list && field.rule != FieldRule::wp_id_list) return {};
  return check_items(field, path(), *candidate);
}

}  // namespace

Result<void> check_payload(Generation generation, std::string_view event_type, const value& payload) {
  if (!payload.is_object()) return refuse("payload", "expected an object");
  const TypeSpec* type = find_type(generation, event_type);
  if (type == nullptr) return {};
  for (const FieldSpec& field : type->fields) {
    PAW_TRY(checked, check_field(field, payload.get_object().if_contains(field.name)));
  }
  return {};
}

}  // namespace pawprint::protocol
