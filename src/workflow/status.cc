#include "workflow/status.h"

#include <algorithm>

#include "workflow/tasks_file.h"

namespace pawprint::workflow {
namespace {

bool is_ready(const Feature& feature, const std::string& wp_id) {
  const auto found = std::ranges::find(feature.work_packages, wp_id, &WorkPackage::id);
  return found != feature.work_packages.end() &&
         (found->lane == protocol::Lane::for_review || found->lane == protocol::Lane::done);
}

Result<WorkPackageStatus> status_of(const Environment& environment, const Feature& feature,
                                    const WorkPackage& work_package) {
  WorkPackageStatus status;
  status.wp_id = work_package.id;
  status.title = work_package.title;
  status.assignee = work_package.assignee;
  status.agent = work_package.agent;
  for (const Dependency& dependency : work_package.dependencies) {
    if (!is_ready(feature, dependency.wp_id)) status.waits_for.push_back(dependency.wp_id);
  }
  PAW_TRY(open, open_boxes(environment, feature, work_package));
  status.open_boxes = open.size();
  return status;
}

}  // namespace

Result<FeatureStatus> feature_status(const Environment& environment, const Feature& feature) {
  FeatureStatus status;
  status.feature_slug = feature.slug;
  status.friendly_name = feature.friendly_name;
  for (const protocol::Lane lane : protocol::kLanes) {
    LaneStatus& row = status.lanes.emplace_back();
    row.lane = lane;
    for (const WorkPackage& work_package : feature.work_packages) {
      if (work_package.lane != lane) continue;
      PAW_TRY(line, status_of(environment, feature, work_package));
      row.work_packages.push_back(std::move(line));
    }
  }
  for (const DamagedWorkPackage& each : feature.damaged) status.problems.push_back(each.error);
  return status;
}

}  // namespace pawprint::workflow
