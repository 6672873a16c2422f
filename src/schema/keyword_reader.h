// From the JSON of a schema to its nodes, one function per form that a keyword's value can have. For .cc
// files of this module.
#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schema/node.h"

namespace pawprint::schema {

struct Reference {
  Node* from;
  std::string pointer;  // RFC 6901
  Spot spot;            // of the $ref
};

class KeywordReader {
 public:
  // `text` is what `root` was parsed from; both must outlive the reader.
  KeywordReader(std::string_view text, std::string_view file, Document& document)
      : text_(text), file_(file), document_(document) {}

  // The schema at `place` and all schemas in it; references are only written down. Kind `invalid`.
  Result<const Node*> read(const boost::json::value& schema, const Place& place);

  const std::vector<Reference>& references() const { return references_; }
  // The schema that stands at a JSON Pointer; nullptr if there is none.
  const Node* find(std::string_view pointer) const;

  // "cannot use <file>: <path>: <why> (line n)"
  std::unexpected<Error> refuse(const Spot& spot, std::string_view why) const;

 private:
  using Value = boost::json::value;
  using Read = Result<void> (KeywordReader::*)(Node&, const Value&, const Place&);
  struct Row;
  static const Row kRows[];

  std::unexpected<Error> refuse(const Place& place, std::string_view why) const {
    return refuse(spot_of(place), why);
  }
  Result<void> read_keyword(Node& node, std::string_view name, const Value& value, const Place& place);

  Result<void> draft(Node& node, const Value& value, const Place& place);
  Result<void> own_name(Node& node, const Value& value, const Place& place);
  Result<void> annotation(Node& node, const Value& value, const Place& place);
  Result<void> reference(Node& node, const Value& value, const Place& place);
  Result<void> type(Node& node, const Value& value, const Place& place);
  Result<void> choice(Node& node, const Value& value, const Place& place);
  Result<void> constant(Node& node, const Value& value, const Place& place);
  Result<void> multiple(Node& node, const Value& value, const Place& place);
  Result<void> pattern(Node& node, const Value& value, const Place& place);
  Result<void> format(Node& node, const Value& value, const Place& place);
  Result<void> required(Node& node, const Value& value, const Place& place);
  Result<void> pattern_properties(Node& node, const Value& value, const Place& place);
  Result<void> dependent_required(Node& node, const Value& value, const Place& place);

  template <std::optional<long double> Node::* Member>
  Result<void> number(Node& node, const Value& value, const Place& place);
  template <std::optional<std::uint64_t> Node::* Member>
  Result<void> count(Node& node, const Value& value, const Place& place);
  template <bool Node::* Member>
  Result<void> flag(Node& node, const Value& value, const Place& place);
  template <const Node* Node::* Member>
  Result<void> child(Node& node, const Value& value, const Place& place);
  template <NodeList Node::* Member>
  Result<void> list(Node& node, const Value& value, const Place& place);
  template <NodeMap Node::* Member>
  Result<void> named(Node& node, const Value& value, const Place& place);

  Result<Pattern> compile(std::string_view expression, const Place& place);
  Result<std::vector<std::string>> names(const Value& value, const Place& place);

  const std::string_view text_;
  const std::string_view file_;
  Document& document_;
  std::map<std::string, const Node*, std::less<>> by_pointer_;
  std::vector<Reference> references_;
  int pattern_instructions_ = 0;

  friend std::vector<std::string_view> keywords();
};

}  // namespace pawprint::schema
