#include "schema/keyword_reader.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "base/format.h"
#include "base/sabotage.h"
#include "schema/canonical_text.h"
#include "schema/schema.h"

namespace pawprint::schema {
namespace {

using boost::json::value;

constexpr std::array<std::pair<std::string_view, unsigned>, 7> kTypes = {{{"null", kNull},
                                                                          {"boolean", kBoolean},
                                                                          {"object", kObject},
                                                                          {"array", kArray},
                                                                          {"number", kNumber},
                                                                          {"string", kString},
                                                                          {"integer", kInteger}}};

// Instructions of all patterns of one file together, as RE2 counts them: bounds memory and time.
constexpr int kMaxPatternInstructions = 20000;
constexpr std::int64_t kMaxPatternMemoryBytes = 1 << 20;

std::optional<std::uint64_t> count_of(const value& candidate) {
  if (candidate.is_uint64()) return candidate.get_uint64();
  if (candidate.is_int64() && candidate.get_int64() >= 0)
    return static_cast<std::uint64_t>(candidate.get_int64());
  if (is_integral(candidate) && candidate.is_double() && candidate.get_double() >= 0 &&
      candidate.get_double() < 0x1p63)
    return static_cast<std::uint64_t>(candidate.get_double());
  return std::nullopt;
}

// For a message: cut between two characters where it is long.
std::string shown(std::string text) {
  constexpr std::size_t kShownBytes = 160;
  if (text.size() <= kShownBytes) return text;
  std::size_t end = kShownBytes;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

struct KeywordReader::Row {
  std::string_view name;
  Read read;
};

template <std::optional<long double> Node::* Member>
Result<void> KeywordReader::number(Node& node, const Value& value, const Place& place) {
  if (!value.is_number()) return refuse(place, "expected a number");
  node.*Member = number_of(value);
  return {};
}

template <std::optional<std::uint64_t> Node::* Member>
Result<void> KeywordReader::count(Node& node, const Value& value, const Place& place) {
  node.*Member = count_of(value);
  if (!(node.*Member)) return refuse(place, "expected an integer, 0 or more");
  return {};
}

template <bool Node::* Member>
Result<void> KeywordReader::flag(Node& node, const Value& value, const Place& place) {
  if (!value.is_bool()) return refuse(place, "expected true or false");
  node.*Member = value.get_bool();
  return {};
}

template <const Node* Node::* Member>
Result<void> KeywordReader::child(Node& node, const Value& value, const Place& place) {
  PAW_TRY(schema, read(value, place));
  node.*Member = schema;
  return {};
}

template <NodeList Node::* Member>
Result<void> KeywordReader::list(Node& node, const Value& value, const Place& place) {
  if (!value.is_array() || value.get_array().empty())
    return refuse(place, "expected a list of schemas, one at least");
  std::size_t index = 0;
  for (const Value& item : value.get_array()) {
    PAW_TRY(schema, read(item, element_of(place, index++)));
    (node.*Member).push_back(schema);
  }
  return {};
}

template <NodeMap Node::* Member>
Result<void> KeywordReader::named(Node& node, const Value& value, const Place& place) {
  if (!value.is_object()) return refuse(place, "expected an object whose values are schemas");
  std::size_t index = 0;
  for (const auto& [key, item] : value.get_object()) {
    PAW_TRY(schema, read(item, member_of(place, key, index++)));
    (node.*Member).emplace(key, schema);
  }
  return {};
}

const KeywordReader::Row KeywordReader::kRows[] = {
#define PAW_KEYWORD(name, reader) {name, &KeywordReader::reader},
#include "schema/keywords.def"
#undef PAW_KEYWORD
};

std::vector<std::string_view> keywords() {
  std::vector<std::string_view> names;
  for (const auto& row : KeywordReader::kRows) names.push_back(row.name);
  return names;
}

std::unexpected<Error> KeywordReader::refuse(const Spot& spot, std::string_view why) const {
  Error error;
  error.kind = ErrorKind::invalid;
  error.file = file_;
  error.line = line_of(text_, spot);
  error.path = spot.path;
  const std::string place = spot.path.empty() ? "" : spot.path + ": ";
  error.message = fmt::format("cannot use {}: {}{} (line {})", file_, place, why, error.line);
  return std::unexpected(std::move(error));
}

const Node* KeywordReader::find(std::string_view pointer) const {
  const auto found = by_pointer_.find(pointer);
  return found == by_pointer_.end() ? nullptr : found->second;
}

Result<const Node*> KeywordReader::read(const Value& schema, const Place& place) {
  if (!schema.is_object() && !schema.is_bool())
    return refuse(place, "expected a schema: an object, true or false");
  Node& node = document_.nodes.emplace_back();
  node.spot = spot_of(place);
  by_pointer_.emplace(pointer_of(place), &node);
  if (schema.is_bool()) {
    node.never = !schema.get_bool();
    return &node;
  }
  std::size_t index = 0;
  for (const auto& [name, value] : schema.get_object()) {
    PAW_TRY(taken, read_keyword(node, name, value, member_of(place, name, index++)));
  }
  return &node;
}

Result<void> KeywordReader::read_keyword(Node& node, std::string_view name, const Value& value,
                                         const Place& place) {
  const auto* const row = std::ranges::find(kRows, name, &Row::name);
  if (row == std::end(kRows)) {
    if (sabotaged("unknown-keyword-ignored")) return {};
    return refuse(place, "a keyword that is not known");
  }
  return (this->*row->read)(node, value, place);
}

Result<void> KeywordReader::draft(Node&, const Value& value, const Place& place) {
  constexpr std::string_view kDraft = "https://json-schema.org/draft/2020-12/schema";
  if (value.is_string() && (value.get_string() == kDraft || value.get_string() == std::string(kDraft) + "#"))
    return {};
  return refuse(place, fmt::format("expected \"{}\"", kDraft));
}

Result<void> KeywordReader::own_name(Node& node, const Value& value, const Place& place) {
  if (!value.is_string()) return refuse(place, "expected a string");
  if (!node.spot.steps.empty()) return refuse(place, "only the whole schema may have a name");
  return {};
}

Result<void> KeywordReader::annotation(Node&, const Value&, const Place&) {
  return {};
}

Result<void> KeywordReader::reference(Node& node, const Value& value, const Place& place) {
  if (!value.is_string()) return refuse(place, "expected a string");
  const std::string_view target = value.get_string();
  if (!target.starts_with('#')) return refuse(place, "it leads out of this file; only \"#/...\" is followed");
  const std::string_view pointer = target.substr(1);
  if ((!pointer.empty() && pointer.front() != '/') || pointer.contains('%'))
    return refuse(place, "expected \"#\" or \"#/\" and a path, without % escapes");
  references_.push_back({&node, std::string(pointer), spot_of(place)});
  return {};
}

Result<void> KeywordReader::type(Node& node, const Value& value, const Place& place) {
  const boost::json::array words = value.is_array() ? value.get_array() : boost::json::array{value};
  for (const Value& word : words) {
    const auto* const row = std::ranges::find_if(
        kTypes, [&](const auto& type) { return word.is_string() && word.get_string() == type.first; });
    if (row == kTypes.end() || (node.types & row->second) != 0) {
      return refuse(place,
                    "expected null, boolean, object, array, number, string, integer, or a list of these");
    }
    node.types |= row->second;
    node.types_shown += (node.types_shown.empty() ? "" : " or ") + std::string(row->first);
  }
  if (node.types == 0) return refuse(place, "the list of types is empty");
  return {};
}

Result<void> KeywordReader::choice(Node& node, const Value& value, const Place& place) {
  if (!value.is_array()) return refuse(place, "expected a list of values");
  node.choices.emplace();
  std::string listed;
  for (const Value& item : value.get_array()) {
    node.choices->insert(canonical_text(item));
    listed += (listed.empty() ? "" : ", ") + boost::json::serialize(item);
  }
  node.choices_shown = shown(std::move(listed));
  return {};
}

Result<void> KeywordReader::constant(Node& node, const Value& value, const Place&) {
  node.constant = canonical_text(value);
  node.constant_shown = shown(boost::json::serialize(value));
  return {};
}

Result<void> KeywordReader::multiple(Node& node, const Value& value, const Place& place) {
  node.multiple_of = count_of(value);
  if (!node.multiple_of || *node.multiple_of == 0 || *node.multiple_of > (1ULL << 53))
    return refuse(place, "expected an integer from 1 to 2^53: fractions cannot be checked exactly");
  return {};
}

Result<Pattern> KeywordReader::compile(std::string_view expression, const Place& place) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(kMaxPatternMemoryBytes);
  auto compiled = std::make_unique<const re2::RE2>(expression, options);
  if (!compiled->ok())
    return refuse(place, fmt::format("RE2 does not take this pattern: {}", compiled->error()));
  pattern_instructions_ += compiled->ProgramSize();
  if (pattern_instructions_ > kMaxPatternInstructions)
    return refuse(place, "the patterns of this file are too large together");
  return compiled;
}

Result<void> KeywordReader::pattern(Node& node, const Value& value, const Place& place) {
  if (!value.is_string()) return refuse(place, "expected a string");
  PAW_TRY(compiled, compile(value.get_string(), place));
  node.pattern = std::move(compiled);
  node.pattern_shown = shown(std::string(value.get_string()));
  return {};
}

Result<void> KeywordReader::format(Node& node, const Value& value, const Place& place) {
  node.date_time = value.is_string() && value.get_string() == "date-time";
  if (!node.date_time)
    return refuse(place, "the only format that is checked is \"date-time\"; use a pattern");
  return {};
}

Result<std::vector<std::string>> KeywordReader::names(const Value& value, const Place& place) {
  if (!value.is_array()) return refuse(place, "expected a list of names");
  std::vector<std::string> all;
  for (const Value& name : value.get_array()) {
    if (!name.is_string()) return refuse(place, "expected a list of names");
    all.emplace_back(name.get_string());
  }
  return all;
}

Result<void> KeywordReader::required(Node& node, const Value& value, const Place& place) {
  PAW_TRY(all, names(value, place));
  node.required = std::move(all);
  return {};
}

Result<void> KeywordReader::dependent_required(Node& node, const Value& value, const Place& place) {
  if (!value.is_object()) return refuse(place, "expected an object whose values are lists of names");
  std::size_t index = 0;
  for (const auto& [key, item] : value.get_object()) {
    PAW_TRY(all, names(item, member_of(place, key, index++)));
    node.dependent_required.emplace(key, std::move(all));
  }
  return {};
}

Result<void> KeywordReader::pattern_properties(Node& node, const Value& value, const Place& place) {
  if (!value.is_object()) return refuse(place, "expected an object whose values are schemas");
  std::size_t index = 0;
  for (const auto& [expression, item] : value.get_object()) {
    const Place member = member_of(place, expression, index++);
    PAW_TRY(compiled, compile(expression, member));
    PAW_TRY(schema, read(item, member));
    node.pattern_properties.emplace_back(std::move(compiled), schema);
  }
  return {};
}

}  // namespace pawprint::schema
