#include <algorithm>
#include <boost/json/value.hpp>
#include <map>

#include "base/format.h"
#include "protocol/json.h"
#include "schema/keyword_reader.h"
#include "schema/schema.h"

namespace pawprint::schema {
namespace {

// How many schemas may judge the same value one inside the other: what bounds the stack of a check, together
// with the depth of the value.
constexpr int kMaxChain = 16;

std::unexpected<Error> refuse_file(std::string_view file, std::string_view why) {
  auto error = fail(ErrorKind::invalid, fmt::format("cannot use {}: {}", file, why));
  error.error().file = file;
  return error;
}

// The schemas that judge the same value as `node`, as a part of judging it.
NodeList followers_of(const Node& node) {
  NodeList all;
  for (const Node* one :
       {node.reference, node.excluded, node.condition, node.consequence, node.alternative}) {
    if (one != nullptr) all.push_back(one);
  }
  for (const NodeList* list : {&node.all_of, &node.any_of, &node.one_of}) {
    all.insert(all.end(), list->begin(), list->end());
  }
  for (const auto& [name, schema] : node.dependent_schemas) all.push_back(schema);
  return all;
}

class ChainCheck {
 public:
  explicit ChainCheck(const KeywordReader& reader) : reader_(reader) {}

  // The length of the longest chain that starts at `node`. Recursion ends at kMaxChain levels.
  Result<int> length_from(const Node& node, int behind) {
    int& length = lengths_[&node];
    if (length == kOpen) return reader_.refuse(node.spot, "it refers back to itself for the same value");
    if (length == 0) {
      if (behind >= kMaxChain) return too_long(node);
      length = kOpen;
      int longest = 0;
      for (const Node* follower : followers_of(node)) {
        PAW_TRY(rest, length_from(*follower, behind + 1));
        longest = std::max(longest, rest);
      }
      lengths_[&node] = 1 + longest;
    }
    if (behind + lengths_[&node] > kMaxChain) return too_long(node);
    return lengths_[&node];
  }

 private:
  std::unexpected<Error> too_long(const Node& node) const {
    return reader_.refuse(
        node.spot, fmt::format("more than {} schemas one inside the other for the same value", kMaxChain));
  }

  static constexpr int kOpen = -1;
  const KeywordReader& reader_;
  std::map<const Node*, int> lengths_;
};

Result<void> resolve_references(const KeywordReader& reader) {
  for (const Reference& reference : reader.references()) {
    reference.from->reference = reader.find(reference.pointer);
    if (reference.from->reference == nullptr) {
      return reader.refuse(reference.spot, fmt::format("there is no schema at #{}", reference.pointer));
    }
  }
  return {};
}

}  // namespace

Result<Schema> load(std::string_view text, std::string_view file) {
  if (text.size() > kMaxSchemaBytes) {
    return refuse_file(file, fmt::format("a schema has {} bytes at most", kMaxSchemaBytes));
  }
  auto root = protocol::parse_json(text);
  if (!root) {
    root.error().message = fmt::format("cannot use {}: {}", file, root.error().message);
    root.error().file = file;
    return std::unexpected(std::move(root).error());
  }
  auto document = std::make_unique<Document>();
  KeywordReader reader(text, file, *document);
  PAW_TRY(first, reader.read(*root, Place{}));
  PAW_TRY(resolved, resolve_references(reader));
  ChainCheck chains(reader);
  for (const Node& node : document->nodes) {
    PAW_TRY(length, chains.length_from(node, 0));
  }
  return Schema(std::move(document));
}

}  // namespace pawprint::schema
