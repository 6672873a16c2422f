#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/format.h"
#include "pawprint/error.h"
#include "protocol/catalogue.h"
#include "protocol/json.h"
#include "protocol/lanes.h"

namespace pawprint::protocol {
namespace {

using std::filesystem::path;

const path kSource = PAWPRINT_SOURCE_DIR;

std::string content_of(const path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Compares a committed file with what the data says; where they differ, leaves the right text beside the
// build.
void expect_committed(const path& relative, const std::string& expected) {
  if (content_of(kSource / relative) == expected) return;
  const path proposed = path(PAWPRINT_BINARY_DIR) / "expected" / relative;
  std::filesystem::create_directories(proposed.parent_path());
  std::ofstream(proposed, std::ios::binary) << expected;
  ADD_FAILURE() << relative << " is not what the data says. To take it over:\n  cp " << proposed.string()
                << ' ' << (kSource / relative).string();
}

void expect_schemas(Generation generation, std::string_view folder) {
  std::set<std::string> names;
  for (const TypeSpec& type : catalogue(generation)) {
    const std::string name = fmt::format("{}.schema.json", type.event_type);
    names.insert(name);
    const std::string schema = json_schema_of(type);
    EXPECT_TRUE(parse_json(schema)) << schema;
    expect_committed(path("contracts") / folder / name, schema);
  }
  for (const auto& entry : std::filesystem::directory_iterator(kSource / "contracts" / folder)) {
    EXPECT_TRUE(names.contains(entry.path().filename().string())) << entry.path() << " describes no type";
  }
}

TEST(Contracts, TheSchemasAreTheCatalogue) {
  expect_schemas(Generation::g1, "g1");
  expect_schemas(Generation::g2, "g2");
}

std::string limits_table() {
  std::string table = "| limit | value | of |\n|---|---|---|\n";
#define PAW_LIMIT(name, value, meaning) table += fmt::format("| `{}` | {} | {} |\n", #name, value, meaning);
#include "protocol/limits.def"
#undef PAW_LIMIT
  return table;
}

std::string categories_table() {
  std::string table = "| `error_category` | meaning |\n|---|---|\n";
#define PAW_CATEGORY(name, meaning) table += fmt::format("| `{}` | {} |\n", #name, meaning);
#include "protocol/categories.def"
#undef PAW_CATEGORY
  return table;
}

std::string error_kinds_table() {
  std::string table = "| kind | exit code | trying again can help | meaning |\n|---|---|---|---|\n";
#define PAW_ERROR_KIND(name, exit_code, retry, meaning) \
  table += fmt::format("| `{}` | {} | {} | {} |\n", #name, exit_code, #retry, meaning);
#include "pawprint/error_kinds.def"
#undef PAW_ERROR_KIND
  return table;
}

std::string_view word_for(Guard guard) {
  switch (guard) {
    case Guard::forbidden:
      return "";
    case Guard::none:
      return "yes";
    case Guard::actor:
      return "actor";
    case Guard::reason:
      return "reason";
    case Guard::subtasks:
      return "subtasks";
    case Guard::review_ref:
      return "review reference";
    case Guard::reviewer:
      return "reviewer";
  }
  return "";
}

std::string lanes_table() {
  std::string head = "| from \\ to |";
  std::string rule = "|---|";
  std::string rows;
  for (const Lane from : kLanes) {
    head += fmt::format(" {} |", name_of(from));
    rule += "---|";
    rows += fmt::format("| {} |", name_of(from));
    for (const Lane to : kLanes) rows += fmt::format(" {} |", word_for(guard_of(from, to)));
    rows += '\n';
  }
  return fmt::format("{}\n{}\n{}", head, rule, rows);
}

// `document` with the text between the markers of `name` replaced.
std::string with_section(const std::string& document, std::string_view name, std::string_view text) {
  const std::string opening = fmt::format("<!-- generated: {} -->\n", name);
  const std::size_t start = document.find(opening);
  const std::size_t end = start == std::string::npos ? start : document.find("<!-- end -->", start);
  if (end == std::string::npos) {
    ADD_FAILURE() << "docs/protocol.md has no section " << name;
    return document;
  }
  return document.substr(0, start + opening.size()) + std::string(text) + document.substr(end);
}

TEST(ProtocolDocument, ItsTablesAreTheData) {
  const path relative = path("docs") / "protocol.md";
  std::string document = content_of(kSource / relative);
  document = with_section(document, "limits", limits_table());
  document = with_section(document, "categories", categories_table());
  document = with_section(document, "error kinds", error_kinds_table());
  document = with_section(document, "lanes", lanes_table());
  document = with_section(document, "events g1", markdown_table(Generation::g1));
  document = with_section(document, "events g2", markdown_table(Generation::g2));
  expect_committed(relative, document);
}

}  // namespace
}  // namespace pawprint::protocol
