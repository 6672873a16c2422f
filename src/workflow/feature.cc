#include "workflow/feature.h"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "base/rfc3339.h"
#include "base/shell_word.h"
#include "protocol/catalogue.h"
#include "protocol/json.h"
#include "protocol/limits.h"
#include "workflow/file_error.h"

namespace pawprint::workflow {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

// "004" from "004-name", else what meta.json says as a string or as a number.
std::string number_of(std::string_view slug, const json::object& meta) {
  if (protocol::is_feature_slug(slug)) return std::string(slug.substr(0, 3));
  const json::value* value = meta.if_contains("feature_number");
  if (value != nullptr && value->is_int64() && value->as_int64() >= 0) {
    return fmt::format("{:03}", value->as_int64());
  }
  return text_of(meta, "feature_number");
}

Result<json::object> read_meta(Disk& disk, const Path& file) {
  PAW_TRY(content, read_file(disk, file));
  if (!content) return json::object();
  std::string_view text = *content;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  auto value = protocol::parse_json(text);
  if (!value) {
    value.error().message =
        fmt::format("{} is not JSON: {}", file.filename().string(), value.error().message);
    return with_file(value.error(), file);
  }
  if (!value->is_object()) return fail_in_file(file, 1, "meta.json is not a JSON object");
  return std::move(value->as_object());
}

Result<LaneHome> lane_home_of(Disk& disk, const Path& directory) {
  PAW_TRY(status, disk.status(directory / "status.events.jsonl"));
  return status ? LaneHome::maybe_status_log : LaneHome::frontmatter;
}

std::string joined_ids(const std::vector<WorkPackage>& work_packages) {
  std::string ids;
  for (const WorkPackage& work_package : work_packages) ids += (ids.empty() ? "" : ", ") + work_package.id;
  return ids.empty() ? "none" : ids;
}

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

}  // namespace

Result<std::vector<std::string>> feature_slugs(const project::Places& places) {
  const Path folder = places.root / "kitty-specs";
  std::vector<std::string> slugs;
  std::error_code failed;
  fs::directory_iterator entry(folder, failed);
  if (failed == std::errc::no_such_file_or_directory) return slugs;
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    std::error_code unknown;  // what cannot be looked at is no feature
    const std::string name = entry->path().filename().string();
    if (!name.starts_with('.') && entry->is_directory(unknown)) slugs.push_back(name);
  }
  if (failed)
    return fail(ErrorKind::io, fmt::format("cannot list {}: {}", folder.string(), failed.message()));
  std::ranges::sort(slugs);
  return slugs;
}

Result<Feature> read_feature(const Environment& environment, const project::Places& places,
                             std::string_view slug) {
  Feature feature;
  feature.slug = slug;
  feature.directory = places.root / "kitty-specs" / slug;
  PAW_TRY(meta, read_meta(*environment.disk, feature.directory / "meta.json"));
  feature.number = number_of(slug, meta);
  feature.friendly_name = text_of(meta, "friendly_name");
  if (feature.friendly_name.empty()) feature.friendly_name = slug;
  feature.target_branch = text_of(meta, "target_branch");
  if (feature.target_branch.empty()) feature.target_branch = "main";
  feature.created_at_ms = unix_ms_of(text_of(meta, "created_at"));
  PAW_TRY(lane_home, lane_home_of(*environment.disk, feature.directory));
  PAW_TRY(folder, read_work_packages(*environment.disk, feature.tasks_directory(), lane_home,
                                     protocol::lamport_ceiling(environment.clock->unix_ms() / 1000)));
  feature.work_packages = std::move(folder.work_packages);
  feature.damaged = std::move(folder.damaged);
  return feature;
}

Result<WorkPackage> find_work_package(const Feature& feature, std::string_view wp_id) {
  const std::string id = upper_case(wp_id);
  const auto damaged = std::ranges::find(feature.damaged, id, &DamagedWorkPackage::wp_id);
  if (damaged != feature.damaged.end()) return std::unexpected(damaged->error);
  const auto found = std::ranges::find(feature.work_packages, id, &WorkPackage::id);
  if (found != feature.work_packages.end()) return *found;
  return fail(ErrorKind::invalid,
              fmt::format("no work package {} in {}: it has {}", wp_id, feature.slug,
                          joined_ids(feature.work_packages)),
              "pawprint status --feature " + shell_word(feature.slug));
}

Result<void> check_undamaged(const Feature& feature) {
  if (feature.damaged.empty()) return {};
  return std::unexpected(feature.damaged.front().error);
}

Result<void> check_dependencies(const Feature& feature, const WorkPackage& work_package) {
  for (const Dependency& dependency : work_package.dependencies) {
    if (std::ranges::find(feature.work_packages, dependency.wp_id, &WorkPackage::id) !=
        feature.work_packages.end()) {
      continue;
    }
    if (std::ranges::find(feature.damaged, dependency.wp_id, &DamagedWorkPackage::wp_id) !=
        feature.damaged.end()) {
      continue;
    }
    return fail_in_file(work_package.file, dependency.line,
                        fmt::format("{} depends on {}, which does not exist: {} has {}", work_package.id,
                                    dependency.wp_id, feature.slug, joined_ids(feature.work_packages)));
  }
  return {};
}

}  // namespace pawprint::workflow
