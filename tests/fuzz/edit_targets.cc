#include <vector>

#include "targets.h"
#include "textedit/frontmatter.h"
#include "textedit/toml.h"
#include "textedit/toml_parse.h"
#include "textedit/yaml.h"

namespace pawprint::fuzz {
namespace {

using textedit::YamlNode;

constexpr std::string_view kNew = "a value: # of 'its' own";

void check_ranges(const YamlNode& node, std::size_t size) {
  must_hold(node.begin <= node.end && node.end <= size, "a value stands in its text");
  for (const auto& entry : node.entries) check_ranges(entry.value, size);
  for (const YamlNode& item : node.items) check_ranges(item, size);
}

}  // namespace

void edit_yaml(std::string_view text) {
  const auto root = textedit::read_yaml(text);
  if (!root) {
    must_hold(root.error().line > 0, "a refusal says where");
    return;
  }
  check_ranges(*root, text.size());
  for (const auto& entry : root->entries) {
    const auto changed = textedit::set_yaml_scalar(text, {entry.key}, kNew);
    if (!changed) continue;
    const auto read = textedit::read_yaml(*changed);
    must_hold(read && read->find(entry.key) != nullptr && read->find(entry.key)->text == kNew,
              "what was set is what is read");
  }
  const std::vector<textedit::YamlField> fields{{"a_new_key", std::string(kNew)}};
  const auto added = textedit::add_yaml_keys(text, {}, fields);
  if (!added) return;
  const auto read = textedit::read_yaml(*added);
  must_hold(read && read->find("a_new_key") != nullptr && read->find("a_new_key")->text == kNew,
            "what was added is what is read");
}

void edit_toml(std::string_view text) {
  const auto changed = textedit::set_toml_string(text, "hub", "url", kNew);
  if (!changed) return;
  const auto table = textedit::parse_toml(*changed);
  must_hold(table && (*table)["hub"]["url"].value<std::string_view>() == kNew,
            "what was set is what is read");
  const auto again = textedit::set_toml_string(*changed, "hub", "url", kNew);
  must_hold(again && *again == *changed, "setting it again changes nothing");
}

void edit_frontmatter(std::string_view markdown) {
  const auto where = textedit::find_frontmatter(markdown);
  if (!where) return;
  must_hold(where->begin <= where->end && where->end <= markdown.size(), "it stands in its file");
  const std::string_view yaml = markdown.substr(where->begin, where->end - where->begin);
  const auto same = textedit::with_frontmatter(markdown, *where, yaml);
  must_hold(same && *same == markdown, "put back as it was, the file is as it was");
  edit_yaml(yaml);
  const auto changed = textedit::set_yaml_scalar(yaml, {"lane"}, "for_review");
  if (!changed) return;
  const auto whole = textedit::with_frontmatter(markdown, *where, *changed);
  if (!whole) return;
  must_hold(whole->substr(0, where->begin) == markdown.substr(0, where->begin) &&
                whole->ends_with(markdown.substr(where->end)),
            "what is around it stays");
}

}  // namespace pawprint::fuzz
