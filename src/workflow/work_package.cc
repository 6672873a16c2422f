#include "workflow/work_package.h"

#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "protocol/catalogue.h"
#include "protocol/ids.h"
#include "textedit/frontmatter.h"
#include "textedit/yaml.h"
#include "workflow/file_error.h"

namespace pawprint::workflow {
namespace {

using textedit::YamlNode;

// A key without a value, or with a plain null (YAML 1.2.2, 10.2.1.1).
bool is_null(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::null) return !node.marked;
  if (node.kind != YamlNode::Kind::scalar || node.style != 0) return false;
  return node.text == "~" || node.text == "null" || node.text == "Null" || node.text == "NULL";
}

std::string text_of(const YamlNode& root, std::string_view key) {
  const YamlNode* node = root.find(key);
  return node != nullptr && node->kind == YamlNode::Kind::scalar && !is_null(*node) ? node->text
                                                                                    : std::string();
}

Result<std::string> read_id(const YamlNode& root, const Path& file, int first_line) {
  const std::string from_name = id_of_file_name(file);
  const YamlNode* node = root.find("work_package_id");
  if (node == nullptr || is_null(*node)) {
    if (!from_name.empty()) return from_name;
    return fail_in_file(
        file, first_line,
        fmt::format("{} has no work package id: neither `work_package_id:` nor the file's name is "
                    "of the form WP01",
                    file.filename().string()));
  }
  if (node->kind != YamlNode::Kind::scalar || !protocol::is_wp_id(node->text)) {
    return fail_in_file(file, node->line,
                        fmt::format("{} has the work_package_id \"{}\": it has to be of the form WP01",
                                    file.filename().string(), node->text));
  }
  if (!from_name.empty() && from_name != node->text) {
    return fail_in_file(file, node->line,
                        fmt::format("{} has the work_package_id {}: the file's name says {}",
                                    file.filename().string(), node->text, from_name));
  }
  return node->text;
}

Result<protocol::Lane> read_lane(const YamlNode& root, const Path& file, int first_line, LaneHome lane_home) {
  const YamlNode* node = root.find("lane");
  if (node == nullptr || is_null(*node)) {
    if (lane_home == LaneHome::maybe_status_log) {
      return fail_in_file(
          file, first_line,
          "the lanes of this feature live in status.events.jsonl, which Pawprint does not read yet: "
          "it works with features whose work packages name their lane in the frontmatter");
    }
    return fail_in_file(file, node == nullptr ? first_line : node->line,
                        fmt::format("{} names no lane: its frontmatter needs a line like `lane: planned`",
                                    file.filename().string()));
  }
  const auto lane = node->kind == YamlNode::Kind::scalar ? protocol::lane_of(node->text) : std::nullopt;
  if (lane) return *lane;
  return fail_in_file(
      file, node->line,
      fmt::format("{} has the unknown lane \"{}\": the lanes are planned, claimed, in_progress, "
                  "for_review, done, blocked and canceled",
                  file.filename().string(), node->text));
}

Result<void> add_dependency(std::vector<Dependency>& out, const YamlNode& node, const Path& file) {
  if (node.kind != YamlNode::Kind::scalar || !protocol::is_wp_id(node.text)) {
    return fail_in_file(file, node.line,
                        fmt::format("{} names the dependency \"{}\": it has to be an id like WP01",
                                    file.filename().string(), node.text));
  }
  const auto same = [&](const Dependency& known) { return known.wp_id == node.text; };
  if (std::ranges::none_of(out, same)) out.push_back({node.text, node.line});
  return {};
}

Result<std::vector<Dependency>> read_dependencies(const YamlNode& root, const Path& file) {
  std::vector<Dependency> dependencies;
  const YamlNode* node = root.find("dependencies");
  if (node == nullptr) node = root.find("depends_on");
  if (node == nullptr || is_null(*node)) return dependencies;
  if (node->kind == YamlNode::Kind::sequence) {
    for (const YamlNode& item : node->items) {
      PAW_TRY(added, add_dependency(dependencies, item, file));
    }
    return dependencies;
  }
  // Some tools wrote the list as a string.
  if (node->kind == YamlNode::Kind::scalar && (node->text == "[]" || node->text.empty())) return dependencies;
  PAW_TRY(added, add_dependency(dependencies, *node, file));
  return dependencies;
}

std::vector<std::string> read_subtasks(const YamlNode& root) {
  std::vector<std::string> ids;
  const YamlNode* node = root.find("subtasks");
  if (node == nullptr) return ids;
  for (const YamlNode& item : node->items) {
    if (item.kind == YamlNode::Kind::scalar && !item.text.empty()) ids.push_back(item.text);
  }
  return ids;
}

// Entries of other tools have neither field; only an id that an event can have counts.
void read_history(const YamlNode& root, std::uint64_t lamport_ceiling, WorkPackage& work_package) {
  std::optional<KnownTransition>& newest = work_package.last_transition;
  const YamlNode* history = root.find("history");
  if (history == nullptr) return;
  for (const YamlNode& entry : history->items) {
    const auto event_id = protocol::normalised_event_id(text_of(entry, "event_id"));
    const std::string clock = text_of(entry, "lamport_clock");
    std::uint64_t lamport = 0;
    const auto [end, error] = std::from_chars(clock.data(), clock.data() + clock.size(), lamport);
    if (!event_id || clock.empty() || end != clock.data() + clock.size()) continue;
    if (error == std::errc::result_out_of_range || lamport > lamport_ceiling) {
      work_package.clock_out_of_range = clock;
    } else if (!newest || lamport >= newest->lamport_clock) {
      newest = KnownTransition{*event_id, lamport};
    }
  }
}

std::string first_heading(std::string_view markdown) {
  const auto at = markdown.find("\n# ");
  if (at == std::string_view::npos) return {};
  const std::string_view rest = markdown.substr(at + 3);
  const std::string_view line = rest.substr(0, rest.find_first_of("\r\n"));
  const auto last = line.find_last_not_of(" \t");
  return last == std::string_view::npos ? std::string() : std::string(line.substr(0, last + 1));
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

std::string id_of_file_name(const Path& file) {
  const std::string name = file.stem().string();
  const auto end = name.find_first_not_of("0123456789", 2);
  const std::string id = name.substr(0, end);
  const bool ends_there =
      end == std::string::npos || name[end] == '-' || name[end] == '_' || name[end] == '.';
  return ends_there && protocol::is_wp_id(id) ? id : std::string();
}

Result<WorkPackage> parse_work_package(std::string_view text, const Path& file, LaneHome lane_home,
                                       std::uint64_t lamport_ceiling) {
  const auto where = textedit::find_frontmatter(text);
  if (!where) return with_file(where.error(), file);
  const auto root =
      textedit::read_yaml(text.substr(where->begin, where->end - where->begin), where->first_line);
  if (!root) return with_file(root.error(), file);
  if (root->kind != YamlNode::Kind::mapping) {
    return fail_in_file(
        file, where->first_line,
        fmt::format("the frontmatter of {} is not a list of `key: value` lines", file.filename().string()));
  }
  WorkPackage work_package;
  work_package.file = file;
  PAW_TRY(id, read_id(*root, file, where->first_line));
  PAW_TRY(lane, read_lane(*root, file, where->first_line, lane_home));
  PAW_TRY(dependencies, read_dependencies(*root, file));
  work_package.title = text_of(*root, "title");
  if (is_blank(work_package.title)) work_package.title = first_heading(text.substr(where->end));
  if (is_blank(work_package.title)) work_package.title = id;
  work_package.id = std::move(id);
  work_package.lane = lane;
  work_package.dependencies = std::move(dependencies);
  work_package.subtasks = read_subtasks(*root);
  work_package.assignee = text_of(*root, "assignee");
  work_package.agent = text_of(*root, "agent");
  read_history(*root, lamport_ceiling, work_package);
  return work_package;
}

bool is_work_package_file(std::string_view name) {
  return name.starts_with("WP") && name.ends_with(".md");
}

}  // namespace pawprint::workflow
