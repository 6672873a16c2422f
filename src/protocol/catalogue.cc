#include "protocol/catalogue.h"

#include <algorithm>
#include <boost/json/object.hpp>

#include "base/format.h"
#include "protocol/lanes.h"

namespace pawprint::protocol {
namespace {

enum class Presence { required, optional, nullable };

constexpr FieldSpec field(std::string_view name, FieldRule rule, Presence presence,
                          std::string_view choices) {
  return {name, rule, presence == Presence::required, presence == Presence::nullable, choices};
}

// Twice over each file: first the fields of every type, then the types.
#define PAW_FIELD(name, rule, presence, choices) field(#name, FieldRule::rule, Presence::presence, choices),
#define PAW_EVENT_END \
  }                   \
  ;
#define PAW_EVENT(type, aggregate) constexpr FieldSpec kG1##type[] = {
#include "protocol/catalogue_g1.def"
#undef PAW_EVENT
#define PAW_EVENT(type, aggregate) constexpr FieldSpec kG2##type[] = {
#include "protocol/catalogue_g2.def"
#undef PAW_EVENT
#undef PAW_EVENT_END
#undef PAW_FIELD

#define PAW_FIELD(name, rule, presence, choices)
#define PAW_EVENT_END
#define PAW_EVENT(type, aggregate) TypeSpec{#type, aggregate, kG1##type},
constexpr TypeSpec kG1[] = {
#include "protocol/catalogue_g1.def"
};
#undef PAW_EVENT
#define PAW_EVENT(type, aggregate) TypeSpec{#type, aggregate, kG2##type},
constexpr TypeSpec kG2[] = {
#include "protocol/catalogue_g2.def"
};
#undef PAW_EVENT
#undef PAW_EVENT_END
#undef PAW_FIELD

std::vector<std::string_view> split(std::string_view choices) {
  std::vector<std::string_view> words;
  while (!choices.empty()) {
    const std::size_t end = std::min(choices.find('/'), choices.size());
    words.push_back(choices.substr(0, end));
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return words;
}

std::vector<std::string_view> lane_words() {
  std::vector<std::string_view> words;
  for (const Lane lane : kLanes) words.push_back(name_of(lane));
  words.emplace_back("doing");
  return words;
}

}  // namespace

std::span<const TypeSpec> catalogue(Generation generation) {
  switch (generation) {
    case Generation::g1:
      return kG1;
    case Generation::g2:
      return kG2;
    case Generation::g3:
      break;
  }
  return {};
}

const TypeSpec* find_type(Generation generation, std::string_view event_type) {
  for (const TypeSpec& type : catalogue(generation)) {
    if (type.event_type == event_type) return &type;
  }
  return generation == Generation::g1 ? find_type(Generation::g2, event_type) : nullptr;
}

Generation generation_of(std::string_view event_type, std::string_view schema_version,
                         const boost::json::object& payload) {
  if (schema_version == "3.0.0") return Generation::g3;
  const bool has_old_names = payload.contains("previous_status") || payload.contains("new_status");
  if (schema_version.empty() && event_type == "WPStatusChanged" && has_old_names) return Generation::g1;
  return Generation::g2;
}

std::vector<std::string_view> words_of(const FieldSpec& field) {
  switch (field.rule) {
    case FieldRule::lane:
      return lane_words();
    case FieldRule::lane_g1:
      return {"planned", "doing", "for_review", "done"};
    case FieldRule::choice:
      return split(field.choices);
    default:
      return {};
  }
}

std::string description_of(const FieldSpec& field) {
  switch (field.rule) {
    case FieldRule::text:
      return "a string";
    case FieldRule::text_nonempty:
      return "a string that is not empty";
    case FieldRule::wp_id:
      return "a work package id, as in WP01";
    case FieldRule::boolean:
      return "true or false";
    case FieldRule::count:
      return "an integer, 0 or more";
    case FieldRule::object:
      return "an object";
    case FieldRule::text_list:
      return "a list of strings";
    case FieldRule::wp_id_list:
      return "a list of work package ids, as in WP01";
    case FieldRule::feature_slug:
      return "a feature's slug, as in 001-first-steps";
    case FieldRule::feature_number:
      return "three digits in a string, as in \"001\"";
    case FieldRule::date_time:
      return "a date and time (RFC 3339), as in 2026-02-03T12:00:00Z";
    case FieldRule::sha256:
      return "64 lower-case hex digits";
    case FieldRule::lane:
    case FieldRule::lane_g1:
    case FieldRule::choice:
      break;
  }
  std::string list;
  for (const std::string_view word : words_of(field))
    list += fmt::format("{}{}", list.empty() ? "" : ", ", word);
  return "one of " + list;
}

}  // namespace pawprint::protocol
