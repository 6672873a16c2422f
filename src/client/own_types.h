// A project's own event types: <root>/.kittify/events/<Type>.schema.json judges the payload of <Type>.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/environment.h"
#include "pawprint/event.h"
#include "pawprint/warning.h"
#include "schema/schema.h"

namespace pawprint::client {

// Not thread-safe. Each type's file is looked for once; a file that is added or changed later counts in the
// next process, but one that was refused is read again.
class OwnTypes {
 public:
  explicit OwnTypes(const Environment& environment) : environment_(environment) {}

  // `event` has passed check_event; `root` is the project's. Kinds: `invalid` for a payload that breaks its
  // schema, with Error::path, and for a file that cannot be used, with Error::file: a schema that is refused
  // (schema/schema.h), no regular file, a link out of the project, each with the command to type; `io`. A
  // type of the catalogue stays as it is: a file for it is warned of. A type without a file passes.
  Result<void> check(const Event& event, const Path& root, Warnings& warnings);

  // What is wrong with the files themselves, whether an event of their types is emitted or not.
  std::vector<Error> unusable_files(const Path& root, Warnings& warnings);

 private:
  using Found = std::optional<schema::Schema>;  // nullopt: no file that counts
  Result<const Found*> find(const std::string& event_type, const Path& root, Warnings& warnings);

  const Environment& environment_;
  std::map<std::string, Found> types_;
};

}  // namespace pawprint::client
