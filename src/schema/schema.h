// JSON Schema, draft 2020-12 (json-schema.org/draft/2020-12): the keywords of keywords.def, and no others.
// Made for files that are not to be trusted: a schema that is taken needs bounded time, memory and stack.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawprint::schema {

inline constexpr std::size_t kMaxSchemaBytes = 65536;

struct Document;

// A schema that was taken. It keeps nothing of the text it came from. Moved, not copied; any number of
// threads may check at once.
class Schema {
 public:
  explicit Schema(std::unique_ptr<const Document> document);
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

  // Kind `invalid` with Error::path, as in "payload.replicas" where `root_path` is "payload", and the message
  // "<path>: <why>", for the first rule that `value` breaks; also for a value that this schema would need
  // more than two million steps to judge. Blocks for as long as those steps take, a few seconds at the very
  // worst.
  Result<void> check(const boost::json::value& value, std::string_view root_path) const;

 private:
  std::unique_ptr<const Document> document_;
};

// Takes a schema from the text of `file`; the name is only used in errors. Kind `invalid` with Error::file,
// and line and JSON path where there is one, for
// * more than kMaxSchemaBytes, text that is no JSON, a schema that is neither an object nor true or false;
// * a keyword that is not in keywords.def, or one whose value is not of the form that the draft asks for;
// * a $ref to anything but a schema in the same file ("#/..."), and references that lead back to where they
//   started without going deeper into the value;
// * a pattern that RE2 does not take (syntax: github.com/google/re2/wiki/Syntax), and patterns too large
// together.
Result<Schema> load(std::string_view text, std::string_view file);

// The names of all keywords that load() takes, in the order of keywords.def.
std::vector<std::string_view> keywords();

}  // namespace pawprint::schema
