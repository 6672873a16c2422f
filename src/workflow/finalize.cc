#include "workflow/finalize.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/clock_source.h"
#include "base/format.h"
#include "base/hash.h"
#include "base/ulid.h"
#include "project/git_state.h"
#include "project/home.h"
#include "project/identity.h"
#include "protocol/catalogue.h"
#include "workflow/file_error.h"
#include "workflow/transition.h"

namespace pawprint::workflow {
namespace {

// The time in the ids of a feature whose meta.json names none: a constant, so that a second run derives the
// same ids.
constexpr std::int64_t kDefaultCreatedAtMs = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

// Looks for a circle by walking the dependencies depth first.
class CircleSearch {
 public:
  explicit CircleSearch(const Feature& feature) : feature_(feature) {}

  Result<void> visit(const std::string& wp_id) {
    if (std::ranges::find(finished_, wp_id) != finished_.end()) return {};
    const auto again = std::ranges::find(path_, wp_id);
    if (again != path_.end()) return circle(again);
    const auto work_package = std::ranges::find(feature_.work_packages, wp_id, &WorkPackage::id);
    path_.push_back(wp_id);
    for (const Dependency& dependency : work_package->dependencies) {
      PAW_TRY(visited, visit(dependency.wp_id));
    }
    path_.pop_back();
    finished_.push_back(wp_id);
    return {};
  }

 private:
  std::unexpected<Error> circle(std::vector<std::string>::const_iterator begin) const {
    std::string names;
    for (auto at = begin; at != path_.end(); ++at) names += *at + " -> ";
    names += *begin;
    const auto first = std::ranges::find(feature_.work_packages, *begin, &WorkPackage::id);
    const std::string& next = begin + 1 == path_.end() ? *begin : *(begin + 1);
    const auto why = std::ranges::find(first->dependencies, next, &Dependency::wp_id);
    return fail_in_file(first->file, why->line,
                        fmt::format("the dependencies of {} go in a circle: {}", feature_.slug, names));
  }

  const Feature& feature_;
  std::vector<std::string> path_;
  std::vector<std::string> finished_;
};

Result<void> check_feature(const Feature& feature) {
  if (!protocol::is_feature_slug(feature.slug)) {
    return fail(
        ErrorKind::invalid,
        fmt::format(
            "cannot announce the feature {}: its name has to be three digits, a hyphen, then lower-case "
            "letters, digits and hyphens, like 004-team-roles",
            feature.slug));
  }
  PAW_TRY(undamaged, check_undamaged(feature));
  for (const WorkPackage& work_package : feature.work_packages) {
    PAW_TRY(checked, check_dependencies(feature, work_package));
  }
  CircleSearch search(feature);
  for (const WorkPackage& work_package : feature.work_packages) {
    PAW_TRY(visited, search.visit(work_package.id));
  }
  return {};
}

// What tells this project's features from those of others: its uuid, else where its repository is.
std::string project_key(const Environment& environment, const project::Places& places,
                        const project::Home& home, Warnings& warnings) {
  const project::GitState git = project::read_git_state(environment, places, warnings);
  const project::Identity identity = project::ensure_identity(environment, places, home, git, warnings);
  return identity.uuid ? *identity.uuid : identity.repo_instance;
}

// The ids of a feature's events.
class DerivedIds {
 public:
  DerivedIds(std::string project, const Feature& feature)
      : project_(std::move(project)),
        feature_slug_(feature.slug),
        unix_ms_(static_cast<std::uint64_t>(feature.created_at_ms.value_or(kDefaultCreatedAtMs))) {}

  // `wp_id` is empty for an event about the feature itself.
  std::string id_of(std::string_view event_type, std::string_view wp_id) const {
    const Digest digest = sha256(fmt::format("{}\n{}\n{}\n{}", project_, feature_slug_, wp_id, event_type));
    UlidRandom random;
    std::copy_n(digest.begin(), random.size(), random.begin());
    return ulid_text(unix_ms_, random);
  }

 private:
  std::string project_;
  std::string feature_slug_;
  std::uint64_t unix_ms_;
};

Event feature_created(const Feature& feature, const DerivedIds& ids) {
  boost::json::object payload;
  payload["feature_slug"] = feature.slug;
  payload["feature_number"] = feature.number;
  payload["target_branch"] = feature.target_branch;
  payload["wp_count"] = feature.work_packages.size();
  if (feature.created_at_ms) payload["created_at"] = rfc3339_utc(*feature.created_at_ms);
  Event event;
  event.event_type = "FeatureCreated";
  event.aggregate_id = feature.slug;
  event.aggregate_type = "Feature";
  event.payload = boost::json::serialize(payload);
  event.event_id = ids.id_of(event.event_type, {});
  return event;
}

Event wp_created(const Feature& feature, const WorkPackage& work_package, const DerivedIds& ids,
                 const std::string& cause) {
  boost::json::array dependencies;
  for (const Dependency& dependency : work_package.dependencies) dependencies.emplace_back(dependency.wp_id);
  boost::json::object payload;
  payload["wp_id"] = work_package.id;
  payload["title"] = work_package.title;
  payload["feature_slug"] = feature.slug;
  payload["dependencies"] = std::move(dependencies);
  Event event;
  event.event_type = "WPCreated";
  event.aggregate_id = work_package.id;
  event.payload = boost::json::serialize(payload);
  event.causation_id = cause;
  event.event_id = ids.id_of(event.event_type, work_package.id);
  return event;
}

// What could be stored nowhere holds up no work.
void warn_not_stored(const Error& error, Warnings& warnings) {
  warnings.add(kEventNotStored, fmt::format("the team will not hear of this feature yet: {}", error.message),
               error.hint);
}

}  // namespace

Result<FinalizeOutcome> finalize_tasks(const Environment& environment, Emitter& emitter,
                                       const project::Places& places, const Feature& feature,
                                       Warnings& warnings) {
  PAW_TRY(checked, check_feature(feature));
  FinalizeOutcome outcome;
  outcome.feature_slug = feature.slug;
  const auto home = project::find_home(environment);
  if (!home) {
    warn_not_stored(home.error(), warnings);
    return outcome;
  }
  const DerivedIds ids(project_key(environment, places, *home, warnings), feature);
  std::vector<Event> events{feature_created(feature, ids)};
  const std::string cause = *events.front().event_id;
  for (const WorkPackage& work_package : feature.work_packages) {
    events.push_back(wp_created(feature, work_package, ids, cause));
  }
  auto receipts = emitter.emit_all(events);
  if (!receipts && receipts.error().kind == ErrorKind::not_stored) {
    warn_not_stored(receipts.error(), warnings);
    return outcome;
  }
  if (!receipts) return std::unexpected(std::move(receipts).error());
  for (std::size_t i = 0; i < events.size(); ++i) {
    if ((*receipts)[i].already_known) {
      ++outcome.already_known;
    } else {
      outcome.events.push_back({(*receipts)[i].event_id, events[i].event_type, events[i].aggregate_id});
    }
  }
  return outcome;
}

}  // namespace pawprint::workflow
