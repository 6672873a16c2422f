#include "base/format.h"
#include "protocol/catalogue.h"
#include "protocol/json_string.h"

namespace pawprint::protocol {
namespace {

std::string pattern(std::string_view expression) {
  return fmt::format(R"("type": "string", "pattern": "{}")", expression);
}

std::string words_json(const FieldSpec& field) {
  std::string words;
  for (const std::string_view word : words_of(field)) {
    if (!words.empty()) words += ", ";
    append_json_string(words, word);
  }
  return fmt::format(R"("enum": [{}])", words);
}

// The keywords of a field's schema, without the braces. JSON Schema counts 5.0 as an integer; Pawprint does
// not.
std::string keywords(const FieldSpec& field) {
  switch (field.rule) {
    case FieldRule::text:
      return R"("type": "string")";
    case FieldRule::text_nonempty:
      return R"("type": "string", "minLength": 1)";
    case FieldRule::wp_id:
      return pattern("^WP[0-9]{2,}$");
    case FieldRule::boolean:
      return R"("type": "boolean")";
    case FieldRule::count:
      return R"("type": "integer", "minimum": 0)";
    case FieldRule::object:
      return R"("type": "object")";
    case FieldRule::text_list:
      return R"("type": "array", "items": {"type": "string"})";
    case FieldRule::wp_id_list:
      return fmt::format(R"("type": "array", "items": {{{}}})", pattern("^WP[0-9]{2,}$"));
    case FieldRule::feature_slug:
      return pattern("^[0-9]{3}-[a-z0-9-]+$");
    case FieldRule::feature_number:
      return pattern("^[0-9]{3}$");
    case FieldRule::date_time:
      return R"("type": "string", "format": "date-time")";
    case FieldRule::sha256:
      return pattern("^[0-9a-f]{64}$");
    case FieldRule::lane:
    case FieldRule::lane_g1:
    case FieldRule::choice:
      break;
  }
  return words_json(field);
}

std::string field_schema(const FieldSpec& field) {
  if (!field.nullable) return fmt::format("{{{}}}", keywords(field));
  return fmt::format(R"({{"anyOf": [{{{}}}, {{"type": "null"}}]}})", keywords(field));
}

std::string markdown_field(const FieldSpec& field) {
  return fmt::format("`{}`{} {}{}", field.name, field.required ? "*" : "", description_of(field),
                     field.nullable ? " or null" : "");
}

}  // namespace

std::string json_schema_of(const TypeSpec& type) {
  std::string required;
  std::string properties;
  for (const FieldSpec& field : type.fields) {
    if (field.required) required += fmt::format("{}\"{}\"", required.empty() ? "" : ", ", field.name);
    properties +=
        fmt::format("{}    \"{}\": {}", properties.empty() ? "" : ",\n", field.name, field_schema(field));
  }
  return fmt::format(R"({{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "{}",
  "type": "object",
  "required": [{}],
  "properties": {{
{}
  }}
}}
)",
                     type.event_type, required, properties);
}

std::string markdown_table(Generation generation) {
  std::string table = "| type | aggregate type | payload |\n|---|---|---|\n";
  for (const TypeSpec& type : catalogue(generation)) {
    std::string fields;
    for (const FieldSpec& field : type.fields) {
      fields += fmt::format("{}{}", fields.empty() ? "" : "<br>", markdown_field(field));
    }
    table += fmt::format("| {} | {} | {} |\n", type.event_type, type.aggregate_type, fields);
  }
  return table;
}

}  // namespace pawprint::protocol
