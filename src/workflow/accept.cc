#include "workflow/accept.h"

#include <algorithm>
#include <iterator>

#include "base/format.h"
#include "base/shell_word.h"
#include "project/git_command.h"
#include "workflow/tasks_file.h"

namespace pawprint::workflow {
namespace {

using protocol::Lane;

// Nothing is left to review: finished, or given up.
bool is_settled(Lane lane) {
  return lane == Lane::done || lane == Lane::canceled;
}

std::string boxes_blocker(const WorkPackage& work_package, const std::vector<Checkbox>& open) {
  std::string names;
  for (const Checkbox& box : open)
    names += (names.empty() ? "" : ", ") + (box.task_id.empty() ? box.text : box.task_id);
  return fmt::format("{}: {} open {} in tasks.md: {}", work_package.id, open.size(),
                     open.size() == 1 ? "box" : "boxes", names);
}

Result<std::vector<std::string>> blockers_of(const Environment& environment, const Feature& feature) {
  std::vector<std::string> blockers;
  for (const WorkPackage& work_package : feature.work_packages) {
    if (is_settled(work_package.lane)) continue;
    if (work_package.lane != Lane::for_review) {
      blockers.push_back(fmt::format("{}: {}", work_package.id, protocol::name_of(work_package.lane)));
      continue;
    }
    PAW_TRY(open, open_boxes(environment, feature, work_package));
    if (!open.empty()) blockers.push_back(boxes_blocker(work_package, open));
  }
  return blockers;
}

Result<std::string> reviewer(const Environment& environment, const project::Places& places,
                             const Feature& feature, const std::optional<std::string>& actor) {
  if (actor && !actor->empty()) return *actor;
  if (auto name = project::git_user_name(environment, places.root)) return *std::move(name);
  return fail(ErrorKind::usage, "cannot accept: nobody is named as the reviewer, and git has no user.name",
              fmt::format("pawprint accept --feature {} --actor NAME", shell_word(feature.slug)));
}

}  // namespace

Result<AcceptOutcome> accept(const Environment& environment, Emitter& emitter, const project::Places& places,
                             const Feature& feature, const std::optional<std::string>& actor,
                             Warnings& warnings) {
  AcceptOutcome outcome;
  outcome.feature_slug = feature.slug;
  PAW_TRY(undamaged, check_undamaged(feature));
  if (feature.work_packages.empty()) {
    return fail(ErrorKind::invalid, fmt::format("cannot accept {}: it has no work packages", feature.slug));
  }
  PAW_TRY(blockers, blockers_of(environment, feature));
  outcome.blockers = std::move(blockers);
  if (!outcome.blockers.empty()) return outcome;
  Move move;
  move.to = Lane::done;
  std::vector<WorkPackage> waiting;
  std::ranges::copy_if(feature.work_packages, std::back_inserter(waiting),
                       [](const WorkPackage& each) { return !is_settled(each.lane); });
  if (waiting.empty()) return outcome;
  PAW_TRY(name, reviewer(environment, places, feature, actor));
  move.actor = std::move(name);
  PAW_TRY(moves, transition_all(environment, emitter, feature, waiting, move, warnings));
  for (const TransitionOutcome& moved : moves) {
    if (moved.changed) outcome.changed_files.push_back(moved.file);
    if (moved.event_id) outcome.events.push_back({*moved.event_id, "WPStatusChanged", moved.wp_id});
  }
  return outcome;
}

}  // namespace pawprint::workflow
