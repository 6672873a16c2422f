// The event catalogue as data (catalogue_g1.def, catalogue_g2.def): payload rules by (generation, event
// type).
#pragma once

#include <boost/json/fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawprint::protocol {

enum class Generation { g1, g2, g3 };

enum class FieldRule {
  text,
  text_nonempty,
  wp_id,
  lane,
  lane_g1,
  boolean,
  count,
  object,
  text_list,
  wp_id_list,
  feature_slug,
  feature_number,
  date_time,
  sha256,
  choice
};

struct FieldSpec {
  std::string_view name;
  FieldRule rule;
  bool required;
  bool nullable;
  std::string_view choices;  // "a/b/c" for FieldRule::choice
};

struct TypeSpec {
  std::string_view event_type;
  std::string_view aggregate_type;
  std::span<const FieldSpec> fields;
};

// The types that a generation defines itself; none for g3, whose payloads are not checked.
std::span<const TypeSpec> catalogue(Generation generation);

// nullptr: not in the catalogue. A g1 type that is not defined there is the one of g2.
const TypeSpec* find_type(Generation generation, std::string_view event_type);

// How an event is recognised (docs/protocol.md, generations). `schema_version` empty when absent.
Generation generation_of(std::string_view event_type, std::string_view schema_version,
                         const boost::json::object& payload);

// Checks a payload against its type. An unknown type passes (a project's own), and so does an unknown key. A
// field that is there is checked even if it is optional. Kind `invalid`, Error::path as in "payload.wp_id".
Result<void> check_payload(Generation generation, std::string_view event_type,
                           const boost::json::value& payload);

// The words that a field of the rule lane, lane_g1 or choice may hold; empty for every other rule.
std::vector<std::string_view> words_of(const FieldSpec& field);

// What a field must be, for people: "a work package id, as in WP01".
std::string description_of(const FieldSpec& field);

bool is_wp_id(std::string_view text);         // ^WP[0-9]{2,}$
bool is_feature_slug(std::string_view text);  // ^[0-9]{3}-[a-z0-9-]+$

// contracts/g2/<Type>.schema.json (draft 2020-12) and the table of docs/protocol.md, generated from the data.
std::string json_schema_of(const TypeSpec& type);
std::string markdown_table(Generation generation);

}  // namespace pawprint::protocol
