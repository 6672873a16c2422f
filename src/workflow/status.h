// `status`: the work packages of a feature by lane, for a person to look at.
#pragma once

#include <string>
#include <vector>

#include "base/environment.h"
#include "base/result.h"
#include "workflow/feature.h"

namespace pawprint::workflow {

struct WorkPackageStatus {
  std::string wp_id;
  std::string title;
  std::string assignee, agent;
  std::vector<std::string> waits_for;  // dependencies that are neither for_review nor done
  std::size_t open_boxes = 0;          // unticked boxes in tasks.md
};

struct LaneStatus {
  protocol::Lane lane = protocol::Lane::planned;
  std::vector<WorkPackageStatus> work_packages;  // sorted by id
};

struct FeatureStatus {
  std::string feature_slug;
  std::string friendly_name;
  std::vector<LaneStatus> lanes;  // all seven, in the order of the lane table
  std::vector<Error> problems;    // work package files that cannot be used, each with file and line
};

// Reads tasks.md besides what the feature holds; writes nothing.
Result<FeatureStatus> feature_status(const Environment& environment, const Feature& feature);

}  // namespace pawprint::workflow
