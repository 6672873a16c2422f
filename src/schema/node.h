// A schema as it is held in memory: what the keywords of one schema object say. For .cc files of this module.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "schema/place.h"

namespace pawprint::schema {

struct Node;
using NodeList = std::vector<const Node*>;
using NodeMap = std::map<std::string, const Node*, std::less<>>;
using Pattern = std::unique_ptr<const re2::RE2>;

// One bit per word that `type` may hold.
enum TypeBit : unsigned {
  kNull = 1,
  kBoolean = 2,
  kObject = 4,
  kArray = 8,
  kNumber = 16,
  kString = 32,
  kInteger = 64
};

// An absent keyword is empty here, and holds for everything. Nodes belong to their Document. `*_shown` is the
// keyword's value for people, cut where it is long.
struct Node {
  Spot spot;
  bool never = false;  // the schema `false`

  unsigned types = 0;
  std::string types_shown;
  std::optional<std::set<std::string>> choices;  // canonical texts, of `enum`
  std::string choices_shown;
  std::optional<std::string> constant;  // canonical text
  std::string constant_shown;

  std::optional<long double> minimum, maximum, exclusive_minimum, exclusive_maximum;
  std::optional<std::uint64_t> multiple_of;

  std::optional<std::uint64_t> min_length, max_length;
  Pattern pattern;
  std::string pattern_shown;
  bool date_time = false;

  std::optional<std::uint64_t> min_items, max_items, min_contains, max_contains;
  bool unique_items = false;
  NodeList prefix_items;
  const Node* items = nullptr;  // of the elements behind prefix_items
  const Node* contains = nullptr;

  std::optional<std::uint64_t> min_properties, max_properties;
  std::vector<std::string> required;
  std::map<std::string, std::vector<std::string>, std::less<>> dependent_required;
  NodeMap properties;
  std::vector<std::pair<Pattern, const Node*>> pattern_properties;
  const Node* additional_properties = nullptr;
  const Node* property_names = nullptr;

  // Those that judge the same value again.
  const Node* reference = nullptr;
  NodeMap dependent_schemas;
  NodeList all_of, any_of, one_of;
  const Node* excluded = nullptr;
  const Node* condition = nullptr;
  const Node* consequence = nullptr;
  const Node* alternative = nullptr;

  NodeMap definitions;  // judged only through a reference
};

struct Document {
  std::deque<Node> nodes;  // the first one is the whole schema; addresses stay
};

}  // namespace pawprint::schema
