// The official tests of JSON Schema as Debian packages them (json-schema-test-suite), against src/schema. On
// demand; PAWPRINT_SCHEMA_SUITE names the directory of a draft where the package is not installed.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "schema/schema.h"

namespace pawprint::schema {
namespace {

namespace fs = std::filesystem;

struct Counts {
  int checked = 0;  // tests of schemas that were taken
  int refused = 0;  // schemas
};

fs::path suite() {
  const char* named = std::getenv("PAWPRINT_SCHEMA_SUITE");
  return named != nullptr ? named : "/usr/share/json-schema-test-suite/tests/draft7";
}

void run_group(const boost::json::object& group, const std::string& file, Counts& counts) {
  const auto name = file + ": " + std::string(group.at("description").as_string());
  const auto schema = load(boost::json::serialize(group.at("schema")), file);
  if (!schema) {
    ++counts.refused;
    std::cout << name << ": " << schema.error().message << "\n";
    return;
  }
  for (const boost::json::value& test : group.at("tests").as_array()) {
    ++counts.checked;
    EXPECT_EQ(schema->check(test.at("data"), "value").has_value(), test.at("valid").as_bool())
        << name << ": " << test.at("description").as_string();
  }
}

TEST(OfficialSuite, AgreesWithEverySchemaThatIsTaken) {
  ASSERT_TRUE(fs::is_directory(suite())) << "apt-get install json-schema-test-suite";
  Counts counts;
  for (const auto& entry : fs::directory_iterator(suite())) {
    if (entry.path().extension() != ".json") continue;  // without the optional ones
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const boost::json::value groups = boost::json::parse(text.str());
    for (const boost::json::value& group : groups.as_array())
      run_group(group.as_object(), entry.path().filename().string(), counts);
  }
  EXPECT_GT(counts.checked, 0);
  std::cout << counts.checked << " tests, " << counts.refused << " schemas refused at load\n";
}

}  // namespace
}  // namespace pawprint::schema
